"""What the tests of all figures share: long-tailed counts, awkward names, and a look at the file written."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from decouple.reporting.figure_files import figure_svg, save_figure

Draw = Callable[[], Figure]


@pytest.fixture
def check_figure(tmp_path: Path) -> Callable[..., tuple[int, int]]:
    """Return a function that draws, opens the PNG and returns its size in pixels; `again`: the bytes must repeat."""

    def check(draw: Draw, *, again: bool = False) -> tuple[int, int]:
        first, second = tmp_path / "first.png", tmp_path / "second.png"
        save_figure(draw(), first)
        assert not list(tmp_path.glob(".*"))  # nothing half written stays behind
        if again:
            save_figure(draw(), second)
            assert first.read_bytes() == second.read_bytes()
            assert figure_svg(draw()) == figure_svg(draw())
        with Image.open(first) as image:
            image.load()
            assert image.format == "PNG"
            assert 600 <= image.width <= 2400
            assert 200 <= image.height <= 1500
            assert image.info["dpi"] == pytest.approx((150, 150), abs=0.1)
            assert len(np.unique(np.asarray(image.convert("L")))) > 10  # something is drawn
            return image.size

    return check


@pytest.fixture
def long_tail() -> Callable[[int], list[int]]:
    """Return a function giving the counts of C classes that fall from 500 to 5."""
    return lambda num_classes: np.floor(500 * 0.01 ** (np.arange(num_classes) / (num_classes - 1))).astype(int).tolist()


@pytest.fixture
def awkward_names() -> list[str]:
    """Return ten names that folders may really have."""
    return [
        "$x^2$",
        "_hidden_",
        "100 % wool",
        "cat \N{CAT FACE}",
        "\N{DOG FACE}",
        "\u732b",  # cat, in Chinese
        "a very long class name that would push everything else out of the figure " * 3,
        "two\nlines\tand \x1b[31mred",
        "\udcff not valid UTF-8",
        r"back\slash {brace} [bold]",
    ]
