from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from decouple.errors import DataError
from decouple.reporting.contact_sheet import contact_sheet, draw_contact_sheet


def _plain(*levels: int) -> np.ndarray:
    return np.stack([np.full((8, 8, 3), level, np.uint8) for level in levels])


def test_takes_any_caption_and_title(awkward_names: list[str], check_figure: Callable[..., object]) -> None:
    levels = np.random.default_rng(0).integers(0, 256, (10, 8, 8, 3), dtype=np.uint8)
    captions = [f"{name}\n3 images" for name in awkward_names]
    check_figure(lambda: draw_contact_sheet(levels, captions, awkward_names[3]), again=True)


def test_images_lie_in_rows_from_left_to_right_in_their_own_colours(tmp_path: Path) -> None:
    red, green, blue = np.eye(3, dtype=np.uint8) * 255
    images = np.stack([np.broadcast_to(colour, (4, 4, 3)) for colour in (red, green, blue)])
    contact_sheet(images, ["a", "b", "c"], tmp_path / "sheet.png", "colours", columns=2)
    with Image.open(tmp_path / "sheet.png") as file:
        pixels = np.asarray(file.convert("RGB"))
    centres = []
    for colour in (red, green, blue):
        rows, columns = np.nonzero((pixels == colour).all(axis=2))
        assert len(rows) > 150**2  # 1.15 inches at 150 dots an inch are 172 pixels a side
        centres.append((rows.mean(), columns.mean()))
    (first_row, left), (same_row, right), (second_row, below) = centres
    assert first_row == pytest.approx(same_row, abs=1)
    assert left < right
    assert below == pytest.approx(left, abs=1)
    assert second_row - first_row > 172  # below the first image and its caption


def test_captions_take_their_colours(tmp_path: Path) -> None:
    contact_sheet(_plain(128, 128), ["mm", "mm"], tmp_path / "sheet.png", "t", colours=["#FF0000", "#0000FF"])
    with Image.open(tmp_path / "sheet.png") as file:
        pixels = np.asarray(file.convert("RGB")).astype(int)
    reddish = (pixels[..., 0] - pixels[..., 2]) > 100
    bluish = (pixels[..., 2] - pixels[..., 0]) > 100
    assert reddish.any()
    assert bluish.any()
    assert np.nonzero(reddish)[1].max() < np.nonzero(bluish)[1].min()


@pytest.mark.parametrize(
    ("images", "captions", "match"),
    [
        (_plain(1, 2), ["a"], "2 images need as many captions and colours, got 1 captions"),
        (np.empty((0, 4, 4, 3), np.uint8), [], "holds 1 to 400 images, got 0"),
        (np.zeros((1, 4, 4), np.uint8), ["a"], r"uint8 of shape \(N, H, W, 3\), got uint8 \(1, 4, 4\)"),
        (np.zeros((1, 4, 4, 3)), ["a"], "got float64"),
    ],
)
def test_other_arrays_are_refused(images: np.ndarray, captions: list[str], match: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=match):
        contact_sheet(images, captions, tmp_path / "sheet.png", "title")
