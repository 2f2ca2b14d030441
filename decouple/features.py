"""Cached features: all that stage two gets from stage one's backbone, one file per split."""

from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from decouple.errors import RunError
from decouple.tensor_files import read_tensors, write_tensors


@dataclass(frozen=True)
class Features:
    """What the frozen backbone makes of a split."""

    features: Tensor  # (N, D) float32
    labels: Tensor  # (N,) int64


def write_features(path: Path, found: Features, fingerprint: str) -> None:
    """Write a split's features; `fingerprint` says which weights, data and preprocessing made them."""
    write_tensors(path, {"features": found.features, "labels": found.labels}, {"fingerprint": fingerprint})


def read_features(path: Path, fingerprint: str) -> Features:
    """Return a split's features.

    Raises:
        RunError: the file is damaged, or was made by other weights, data or preprocessing.
    """
    hint = "add --refresh-features to compute them again"
    try:
        tensors, facts = read_tensors(path)
        found = Features(tensors["features"], tensors["labels"])
    except KeyError as error:
        raise RunError(f"{path} holds no {error}; {hint}") from None
    except RunError as error:
        raise RunError(f"{error}; {hint}") from None
    if facts.get("fingerprint") != fingerprint:
        raise RunError(f"the features in {path} do not belong to the weights and data of this run; {hint}")
    return found
