"""From a model's name to a backbone."""

import importlib
from collections.abc import Mapping
from types import ModuleType

from torch import nn

from decouple.checks import require_text, require_whole
from decouple.errors import ConfigError
from stage1.backbones.cifar_resnet import DEPTHS, CifarResNet

SMALL_IMAGE_SIZE = 32  # side at which image files are read for the ResNets of this package


def make_backbone(
    name: str, image_size: int, pretrained: str | None, *, drop_rate: float = 0.0, drop_path: float = 0.0
) -> nn.Module:
    """Return a backbone: images (B, 3, H, W) -> features (B, `num_features`).

    Args:
        name: resnet20, resnet32, resnet44, resnet56, or a timm model.
        image_size: side of the images in pixels.
        pretrained: a file of weights, "package" (weights in an installed package), "download", or None for a random
            start.
        drop_rate: dropout of the features of a timm model.
        drop_path: stochastic depth of a timm model.

    Raises:
        ConfigError: no such model, or it has no such dropout; the weights cannot be loaded or do not fit; the images
            are too small for it.

    Example:
        >>> import torch
        >>> make_backbone("resnet20", 32, None)(torch.zeros(2, 3, 32, 32)).shape
        torch.Size([2, 64])
    """
    require_text("model", name)
    require_whole("image_size", image_size, at_least=1, usual="32 is usual")
    if pretrained is not None:
        require_text("pretrained", pretrained)
    if name not in DEPTHS:
        dropout = {"drop_rate": drop_rate, "drop_path_rate": drop_path}
        return timm_backbone(name, image_size, pretrained, {key: rate for key, rate in dropout.items() if rate > 0})
    for option, value in (("drop_rate", drop_rate), ("drop_path", drop_path)):
        if value > 0:
            raise ConfigError(f"`{option}` goes with timm models; '{name}' has no dropout")
    if pretrained is not None:
        raise ConfigError(f"`pretrained` goes with timm models; '{name}' starts from random weights")
    if image_size < 4:
        raise ConfigError(f"'{name}' needs images of 4 x 4 pixels or more, got {image_size} x {image_size}")
    return CifarResNet(DEPTHS[name])


def timm_backbone(
    name: str, image_size: int, pretrained: str | None, dropout: Mapping[str, float] | None = None
) -> nn.Module:
    """Any classification model of timm by its name, without its classifier.

    Source: Wightman, PyTorch Image Models, 2019, github.com/huggingface/pytorch-image-models.
    Use: photographs, preferably with pretrained weights (`--pretrained`).

    Example:
        >>> timm_backbone("resnet18", 64, None).num_features
        512
    """
    backbone: nn.Module = _timm_model().TimmBackbone(name, image_size, pretrained, dropout)
    return backbone


def image_size_for(name: str) -> int:
    """Return the side in pixels at which image files are read for a model.

    Raises:
        ConfigError: no such model.
    """
    size: int = SMALL_IMAGE_SIZE if name in DEPTHS else _timm_model().native_size(name)
    return size


def expected_normalization(name: str) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
    """Return mean and standard deviation of each colour, on the scale 0..1, that a model's pretrained weights expect.

    None for a model without published weights.

    Raises:
        ConfigError: no such model.
    """
    if name in DEPTHS:
        return None
    statistics: tuple[tuple[float, ...], tuple[float, ...]] | None = _timm_model().native_normalization(name)
    return statistics


def _timm_model() -> ModuleType:
    """Import timm only for models that need it, for it takes 2 s."""
    return importlib.import_module("stage1.backbones.timm_model")
