"""feature_norms.safetensors of a run: the mean feature norm of each class in each epoch of stage one."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from torch import Tensor

from decouple.errors import RunError
from decouple.files.json_records import parse_record, record_to_json
from decouple.files.tensor_files import read_tensors, write_tensors


@dataclass(frozen=True, kw_only=True)
class NormsMetadata:
    """What the norms are of."""

    split: Literal["train", "val"]  # the images; train: as the steps of the epoch drew and augmented them


@dataclass(frozen=True)
class FeatureNorms:
    """The mean Euclidean norm of the features of each class in each epoch: E epochs, C classes."""

    norms: Tensor  # (E, C) float32; NaN of a class without images in the epoch
    split: Literal["train", "val"]


def write_feature_norms(path: Path, record: FeatureNorms) -> None:
    """Write the record atomically: 4 bytes for each class and epoch, 6.5 MB of 8,142 classes and 200 epochs."""
    write_tensors(path, {"norms": record.norms}, record_to_json(NormsMetadata(split=record.split)))


def read_feature_norms(path: Path) -> FeatureNorms | None:
    """Return the record, or None where there is none: runs of features, and runs made before it was kept.

    Raises:
        RunError: the file is damaged.
    """
    if not path.exists():
        return None
    tensors, values = read_tensors(path)
    norms = tensors.get("norms")
    if norms is None or norms.ndim != 2:
        raise RunError(f"{path} is damaged: it holds no table of norms")
    return FeatureNorms(norms, parse_record(NormsMetadata, values, path).split)
