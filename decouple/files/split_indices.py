"""splits.safetensors: which images of the data set are in which split of a run."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from decouple.files.tensor_files import read_tensors, write_tensors

_NOTE = "positions among all images of the data set, in the order in which it is read, from 0"


def write_split_indices(path: Path, splits: Mapping[str, NDArray[np.int64]]) -> None:
    """Write the positions of the images of each split, (images of the split,), as int32: 4 bytes an image."""
    tensors = {split: torch.from_numpy(indices.astype(np.int32)) for split, indices in splits.items()}
    write_tensors(path, tensors, {"values": _NOTE})


def read_split_indices(path: Path) -> dict[str, NDArray[np.int64]]:
    """Return the positions of the images of each split.

    The images are those of `decouple.datasets.table.DATASETS[config.data](config)`: for CIFAR the training images and
    then the test images, for folders the files sorted by path.

    Raises:
        RunError: the file is missing or damaged.
    """
    tensors, _ = read_tensors(path)
    return {split: indices.numpy().astype(np.int64) for split, indices in tensors.items()}
