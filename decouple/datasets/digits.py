"""Digits: the 1,797 handwritten digits of 8 x 8 pixels that scikit-learn ships; no download."""

import gzip
import importlib.util
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from decouple.datasets.class_draws import shuffled_classes
from decouple.datasets.data import TEST, TRAIN, VAL, ArrayPixels, Indices, SourceImages
from decouple.datasets.settings import DataConfig
from decouple.errors import DataError

_SIDE = 8  # pixels
_MAX_VALUE = 16  # the largest value in the file
_TEST_PER_CLASS, _VAL_PER_CLASS = 40, 20  # images; the other 114 to 123 of a class are for training


def load(config: DataConfig) -> SourceImages:
    """Return the digits, uint8 (1797, 8, 8, 3), in balanced validation and test splits fixed by `config.subset_seed`.

    Raises:
        DataError: scikit-learn is not installed, or its file of digits has moved.

    Example:
        >>> images = load(DataConfig())
        >>> len(images.pixels), images.class_names[:3], {split: len(images.splits[split]) for split in images.splits}
        (1797, ('0', '1', '2'), {'train': 1197, 'val': 200, 'test': 400})
    """
    table = _read_table()
    grey = np.rint(table[:, :-1] * (255 / _MAX_VALUE)).astype(np.uint8).reshape(-1, _SIDE, _SIDE, 1)
    labels = table[:, -1].astype(np.int64)
    return SourceImages(
        pixels=ArrayPixels(np.repeat(grey, 3, axis=3)),
        labels=labels,
        class_names=tuple(str(digit) for digit in range(10)),
        splits=_splits(labels, config.subset_seed),
        flippable=False,
    )


def _read_table() -> NDArray[np.float64]:
    """Return (1797, 65): 64 pixels from 0 to 16, and the digit."""
    # Read directly, because importing sklearn.datasets takes seconds.
    spec = importlib.util.find_spec("sklearn")
    if spec is None or spec.origin is None:
        raise DataError(
            "the digits data set is a file of scikit-learn; install it, or choose another data set with `data`"
        )
    path = Path(spec.origin).parent / "datasets" / "data" / "digits.csv.gz"
    try:
        with gzip.open(path, "rt") as lines:
            return np.loadtxt(lines, delimiter=",")
    except (OSError, ValueError) as error:
        raise DataError(f"cannot read the digits in {path}: {error}; install scikit-learn again") from None


def _splits(labels: NDArray[np.int64], seed: int) -> dict[str, Indices]:
    classes = shuffled_classes(labels, np.arange(len(labels)), 10, seed=seed, purpose="digits")
    not_train = _TEST_PER_CLASS + _VAL_PER_CLASS
    return {
        TRAIN: np.sort(np.concatenate([images[not_train:] for images in classes])),
        VAL: np.sort(np.concatenate([images[_TEST_PER_CLASS:not_train] for images in classes])),
        TEST: np.sort(np.concatenate([images[:_TEST_PER_CLASS] for images in classes])),
    }
