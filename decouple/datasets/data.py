"""The images of a data set, and how they are divided into splits."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from decouple.datasets.skipped import Skipped

Indices = NDArray[np.int64]

TRAIN, VAL, TEST = "train", "val", "test"
TEST_LONGTAILED = "test_longtailed"  # the test set cut to the training profile, on request


class Pixels(Protocol):
    """Where images come from: memory, files, or a drawing routine."""

    def __len__(self) -> int:
        """Return the number of images."""

    def read(self, indices: Indices) -> NDArray[np.uint8]:
        """Return those images, uint8 of shape (len(indices), height, width, 3).

        Raises:
            DataError: an image cannot be read; the message names its file.
        """


@dataclass(frozen=True)
class ArrayPixels:
    """Images in memory, uint8 of shape (N, height, width, 3)."""

    array: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.array)

    def read(self, indices: Indices) -> NDArray[np.uint8]:
        """Return those images."""
        return self.array[indices]


@dataclass(frozen=True)
class SourceImages:
    """All images of a data set, before any of them is left out or held out."""

    pixels: Pixels
    labels: NDArray[np.int64]  # (N,), 0 to C-1
    class_names: tuple[str, ...]
    splits: dict[str, Indices]  # the predefined splits: train, and perhaps val and test
    flippable: bool  # whether a horizontally flipped image still shows its class
    skipped: tuple[Skipped, ...] = ()  # what is not read of the folder
    storage: str | None = None  # how images are stored where it is not as published, such as "JPEG files of quality 75"


@dataclass(frozen=True)
class Data:
    """The images of training and evaluation, in splits that share no image."""

    pixels: Pixels
    labels: NDArray[np.int64]  # (N,)
    class_names: tuple[str, ...]
    splits: dict[str, Indices]
    group_counts: NDArray[
        np.int64
    ]  # (C,) training images per class before validation was held out, and before label noise: they define the groups
    flippable: bool
    fingerprint: str  # of pixels, labels, names and splits
    bad_images: int = 0  # left out because they could not be read
    skipped: tuple[Skipped, ...] = ()  # what was not read of the folder; `skipped_lines` says it in lines
    storage: str | None = None  # how the images are stored where that is not as published
    sources: Indices | None = None  # (N,) position of each image among all of the data set; None: not known
    wrong_labels: int = 0  # training labels replaced by wrong ones
    overlap: tuple[tuple[int, int], ...] | None = None  # pairs of equal images in two splits; None: not looked for

    @property
    def class_counts(self) -> NDArray[np.int64]:
        """Training images per class, shape (C,)."""
        return self.counts(TRAIN)

    def counts(self, split: str) -> NDArray[np.int64]:
        """Return the images per class of a split, shape (C,)."""
        return np.bincount(self.labels[self.splits[split]], minlength=len(self.class_names))
