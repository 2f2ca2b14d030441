from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from decouple.datasets.data import ArrayPixels, Data
from decouple.reporting import example_sheet


@pytest.fixture
def sheet(monkeypatch: pytest.MonkeyPatch) -> list[tuple[NDArray[np.uint8], list[str], str]]:
    """Return the images, captions and titles that are drawn."""
    calls: list[tuple[NDArray[np.uint8], list[str], str]] = []
    monkeypatch.setattr(
        example_sheet,
        "contact_sheet",
        lambda images, captions, path, title, columns: calls.append((images, captions, title)),
    )
    return calls


def _data(counts: list[int]) -> Data:
    """Return images whose value is their label."""
    labels = np.repeat(np.arange(len(counts)), counts)
    pixels = np.broadcast_to(labels[:, None, None, None], (len(labels), 2, 2, 3)).astype(np.uint8)
    names = tuple(f"c{label}" for label in range(len(counts)))
    splits = {"train": np.arange(len(labels))}
    return Data(ArrayPixels(pixels), labels, names, splits, np.array(counts), flippable=False, fingerprint="")


def test_a_row_for_each_class_the_largest_first(sheet: list[tuple[NDArray[np.uint8], list[str], str]]) -> None:
    example_sheet.draw_examples(Path("unused.png"), _data([1, 9, 7]))
    ((images, captions, title),) = sheet
    assert images[:, 0, 0, 0].tolist() == [1] * 6 + [2] * 6 + [0] + [255] * 5  # a class of one image leaves white
    assert captions[::6] == ["c1\n9 images", "c2\n7 images", "c0\n1 image"]
    assert set(captions[1:6]) == {""}
    assert title == "training images"


def test_of_many_classes_the_largest_and_the_smallest(sheet: list[tuple[NDArray[np.uint8], list[str], str]]) -> None:
    example_sheet.draw_examples(Path("unused.png"), _data(list(range(40, 20, -1))))
    ((images, _, title),) = sheet
    assert images[::6, 0, 0, 0].tolist() == [0, 1, 2, 3, 4, 15, 16, 17, 18, 19]
    assert title == "training images of the largest and smallest classes"
