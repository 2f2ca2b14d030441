"""Any classification model of timm, without its classifier."""

import contextlib
import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import timm
import torch
from timm.layers.std_conv import ScaledStdConv2d, StdConv2d
from timm.models import PretrainedCfg, group_parameters
from torch import Tensor, nn

from decouple.errors import ConfigError
from stage1.backbones.cropped import crop_kernels, recorded_input_sizes
from stage1.backbones.packaged_weights import read_packaged_weights
from stage1.backbones.weights_download import download_allowed
from stage1.backbones.weights_file import read_weights_file

FIXED_PADDING = (nn.Conv2d, StdConv2d, ScaledStdConv2d)  # not those whose padding depends on the input
_OPTION_OF = {"drop_rate": "drop_rate", "drop_path_rate": "drop_path"}  # of the settings
NUMBERED = r"\w*\d\w*\.|[a-z_]+\.[a-z_]*\d"  # layer4.0.conv1.weight, blocks.6.0.conv_pw.weight, features.denseblock4


class TimmBackbone(nn.Module):
    """A timm model without its classifier; see `stage1.backbones.build.make_backbone`."""

    def __init__(
        self, name: str, image_size: int, pretrained: str | None, dropout: Mapping[str, float] | None = None
    ) -> None:
        super().__init__()
        self.body = _create(name, image_size, pretrained == "download", dropout or {})
        if pretrained == "package":
            self.body.load_state_dict(read_packaged_weights(name, self.body.state_dict()))
        elif pretrained not in (None, "download"):
            _load_file(self.body, Path(pretrained), name)
        with recorded_input_sizes(self.body, FIXED_PADDING) as input_sizes:
            self.num_features = _feature_width(self.body, name, image_size)
        crop_kernels(input_sizes)

    def forward(self, images: Tensor) -> Tensor:
        """Return features: images (B, 3, H, W) -> (B, D)."""
        features: Tensor = self.body(images)
        return features

    def last_block(self) -> frozenset[str]:
        """Return the names of the parameters of the last stage, and of what follows it; none if timm does not say.

        A stage is a numbered part of the model, such as ``blocks.6`` or ``layer4``.
        """
        try:
            groups = group_parameters(self.body, self.body.group_matcher(coarse=True))  # type: ignore[operator]
        except Exception:  # a model without groups, or whose groups do not fit this version of it
            return frozenset()
        tensors = dict(self.body.named_parameters())
        names: list[str] = []
        for number in sorted(groups, reverse=True)[:-1]:  # not the first group, the stem
            names += groups[number]
            if any(re.match(NUMBERED, name) and tensors[name].ndim > 1 for name in groups[number]):  # no mere norm
                return frozenset(f"body.{name}" for name in names)
        return frozenset()


def native_size(name: str) -> int:
    """Return the side in pixels of the images that the model was trained on.

    Raises:
        ConfigError: timm has no model of that name.
    """
    config = _pretrained_config(name)
    return 224 if config is None else int(config.input_size[-1])


def native_normalization(name: str) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
    """Return mean and standard deviation of the colours, on the scale 0..1, that timm's weights of the model expect.

    None where timm does not say so.

    Raises:
        ConfigError: timm has no model of that name.

    Example:
        >>> native_normalization("tf_efficientnet_lite0")
        ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    """
    config = _pretrained_config(name)
    return None if config is None else (tuple(config.mean), tuple(config.std))


def _pretrained_config(name: str) -> PretrainedCfg | None:
    _require_known(name)
    try:
        return timm.get_pretrained_cfg(name)
    except RuntimeError as error:  # a known model, but no weights under that tag
        raise ConfigError(f"unknown model '{name}': {_first_line(error)}") from None


def _require_known(name: str) -> None:
    if timm.is_model(name):
        return
    known = ["resnet20", "resnet32", "resnet44", "resnet56", *timm.list_models()]
    near = difflib.get_close_matches(name, known, n=3)
    hint = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
    raise ConfigError(
        f"unknown model '{name}'.{hint} Known: resnet20, resnet32, resnet44, resnet56 and the models of timm "
        f"{timm.__version__} (timm.list_models())."
    )


def _create(name: str, image_size: int, download: bool, dropout: Mapping[str, float]) -> nn.Module:
    _require_known(name)
    with download_allowed(name) if download else contextlib.nullcontext():
        return _build(name, image_size, download, dropout)


def _build(name: str, image_size: int, download: bool, dropout: Mapping[str, float]) -> nn.Module:
    options: dict[str, Any] = dict(dropout)
    try:
        try:  # vision transformers are built for one image size; convolutional nets take no such argument
            body = timm.create_model(name, pretrained=download, num_classes=0, img_size=image_size, **options)
        except TypeError:
            body = timm.create_model(name, pretrained=download, num_classes=0, **options)
    except Exception as error:  # models refuse an image size with any error, from assert to division by zero
        for option in dropout:
            if isinstance(error, TypeError) and option in str(error):
                raise ConfigError(f"the model '{name}' of timm has no `{_OPTION_OF[option]}`") from None
        if download:
            raise ConfigError(
                f"the weights of '{name}' could not be downloaded ({_first_line(error)}); "
                "check the network, or give a local file with `pretrained=FILE`"
            ) from None
        raise ConfigError(
            f"timm cannot build '{name}' for {image_size} x {image_size} images: {_first_line(error)}"
        ) from None
    module: nn.Module = body
    return module


def _load_file(body: nn.Module, path: Path, name: str) -> None:
    """Load all weights but the classifier's from a .safetensors file or a .pth file of plain tensors."""
    loaded = read_weights_file(path)
    expected = body.state_dict()
    fitting = {key: value for key, value in loaded.items() if _fits(value, expected.get(key))}
    missing = [key for key in expected if key not in fitting and not key.endswith("num_batches_tracked")]
    if missing:
        raise ConfigError(
            f"the weights in {path} do not fit '{name}': {len(missing)} tensors differ, e.g. '{missing[0]}'"
        )
    body.load_state_dict(fitting, strict=False)


def _fits(value: object, expected: Tensor | None) -> bool:
    return expected is not None and isinstance(value, Tensor) and value.shape == expected.shape


def _feature_width(body: nn.Module, name: str, image_size: int) -> int:
    """Return the width of the features of a test image; the attribute of timm ignores layers after pooling."""
    was_training = body.training
    body.eval()
    try:
        with torch.no_grad():
            features = body(torch.zeros(1, 3, image_size, image_size))
    except Exception as error:  # as in _create
        raise ConfigError(
            f"'{name}' cannot take {image_size} x {image_size} images ({_first_line(error)}); choose another model, or "
            "larger images with `image_size` if the data are files"
        ) from None
    body.train(was_training)
    if features.ndim != 2:
        raise ConfigError(f"features of '{name}' have shape {tuple(features.shape)}, not (images, width)")
    return int(features.shape[1])


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
