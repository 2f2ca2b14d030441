from pathlib import Path

import pytest
from PIL import Image

from decouple.reporting.differences import Difference, draw_differences
from decouple.reporting.figure_files import save_figure


@pytest.mark.parametrize("count", [0, 1, 5, 90])
def test_a_picture_for_any_number_of_pairs(count: int, tmp_path: Path) -> None:
    rows = [
        Difference(f"$a_{i} - ü{i}", {"all": (1.0 * i, i - 2.0, i + 2.0), "balanced": (0, 0, 0)}) for i in range(count)
    ]
    for name in ("one.png", "two.png"):
        save_figure(draw_differences(rows), tmp_path / name)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    with Image.open(tmp_path / "one.png") as image:
        assert image.height > 100 + 30 * min(count, 60)
