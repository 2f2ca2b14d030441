import contextlib
import pickle
from pathlib import Path
from typing import Any

import pytest
import timm
import torch
from safetensors.torch import save_file
from torch import Tensor

from decouple.errors import ConfigError
from stage1.backbones.timm_model import TimmBackbone, native_size

TINY = "test_resnet"  # made for tests like these


class _Trap:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.path,)


def _trained_elsewhere(name: str = TINY, classes: int = 7) -> dict[str, Tensor]:
    torch.manual_seed(123)
    state: dict[str, Tensor] = timm.create_model(name, num_classes=classes).state_dict()
    return {key: torch.rand_like(value) if value.is_floating_point() else value for key, value in state.items()}


@pytest.mark.parametrize(
    ("name", "width"),
    [(TINY, 96), ("mobilenetv3_small_050", 1024)],  # mobilenet: a layer of 1024 follows the pooling of its 288 channels
)
def test_width_is_that_of_the_features(name: str, width: int) -> None:
    backbone = TimmBackbone(name, 32, None)
    assert backbone.num_features == width
    assert backbone.training
    assert backbone(torch.zeros(2, 3, 32, 32)).shape == (2, width)


def test_a_vision_transformer_is_built_for_the_image_size() -> None:
    backbone = TimmBackbone("test_vit", 48, None)
    assert backbone(torch.zeros(2, 3, 48, 48)).shape == (2, backbone.num_features)
    # Patches of 16 pixels: 3 x 3 of them and the class token.
    assert backbone.body.get_parameter("pos_embed").shape[1] == 10


@pytest.mark.parametrize(
    "name",
    # they refuse by an error of convolution, an assertion and a division by zero
    ["vit_tiny_patch16_224", "xcit_nano_12_p16_224", "gcvit_xxtiny"],
)
def test_images_too_small_for_a_model_are_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="8 x 8 images"):
        TimmBackbone(name, 8, None)


def test_native_size() -> None:
    assert native_size("vit_tiny_patch16_224") == 224
    assert native_size("inception_v3") == 299  # Szegedy et al., CVPR 2016


@pytest.mark.parametrize("use", [lambda name: TimmBackbone(name, 32, None), native_size])
def test_unknown_names_get_a_suggestion(use: object) -> None:
    assert callable(use)
    with pytest.raises(ConfigError, match=r"unknown model 'reznet32'\. Did you mean 'resnet32'"):
        use("reznet32")
    with pytest.raises(ConfigError, match=r"unknown model 'qqqqqq'\. Known: resnet20"):
        use("qqqqqq")


def test_an_unknown_tag_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"unknown model 'resnet18\.nonsense': .*tag"):
        native_size("resnet18.nonsense")


@pytest.mark.parametrize("form", ["safetensors", "pth", "wrapped pth"])
def test_weights_come_from_a_local_file(tmp_path: Path, form: str) -> None:
    weights = _trained_elsewhere()
    path = tmp_path / f"weights.{form.split()[-1]}"
    if form == "safetensors":
        save_file(weights, path)
    elif form == "pth":
        torch.save(weights, path)
    else:  # as training scripts save them: from several GPUs, beside other things
        torch.save({"epoch": 3, "state_dict": {f"module.{key}": value for key, value in weights.items()}}, path)
    loaded = TimmBackbone(TINY, 32, str(path)).body.state_dict()
    assert len(loaded) == len(weights) - 2  # all but weight and bias of the classifier
    assert all(torch.equal(value, weights[key]) for key, value in loaded.items())


def test_a_pickle_is_not_run(tmp_path: Path) -> None:
    path, trace = tmp_path / "weights.pth", tmp_path / "trace"
    for write in (lambda: torch.save({"x": _Trap(trace)}, path), lambda: path.write_bytes(pickle.dumps(_Trap(trace)))):
        write()
        with pytest.raises(ConfigError, match=r"the weights in .*weights\.pth cannot be read"):
            TimmBackbone(TINY, 32, str(path))
        assert not trace.exists()
    pickle.loads(path.read_bytes())
    assert trace.exists()  # the trap works


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no file .*gone\.pth for pretrained"):
        TimmBackbone(TINY, 32, str(tmp_path / "gone.pth"))


@pytest.mark.parametrize("content", [b"", b"no weights", pickle.dumps([1, 2])])
@pytest.mark.parametrize("suffix", ["pth", "safetensors"])
def test_a_file_that_holds_no_weights(tmp_path: Path, content: bytes, suffix: str) -> None:
    path = tmp_path / f"weights.{suffix}"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"the weights in .*weights\.\w+ cannot be read"):
        TimmBackbone(TINY, 32, str(path))


def test_a_file_of_another_model_does_not_fit(tmp_path: Path) -> None:
    save_file(_trained_elsewhere("test_efficientnet"), tmp_path / "weights.safetensors")
    with pytest.raises(ConfigError, match=rf"do not fit '{TINY}': \d+ tensors differ, e\.g\. '"):
        TimmBackbone(TINY, 32, str(tmp_path / "weights.safetensors"))


def test_an_entry_that_is_no_tensor_does_not_fit(tmp_path: Path) -> None:
    weights: dict[str, object] = dict(_trained_elsewhere())
    weights[next(iter(weights))] = 5
    torch.save(weights, tmp_path / "weights.pth")
    with pytest.raises(ConfigError, match="1 tensors differ"):
        TimmBackbone(TINY, 32, str(tmp_path / "weights.pth"))


@pytest.mark.parametrize("error", [FileNotFoundError, RuntimeError, type("ConnectError", (Exception,), {})])
def test_a_download_without_a_network_is_one_clear_error(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def create(name: str, *, pretrained: bool, **_: object) -> torch.nn.Module:
        assert pretrained
        raise error("no route to host\nand much more")

    monkeypatch.setattr("timm.create_model", create)
    monkeypatch.setattr("stage1.backbones.timm_model.download_allowed", lambda _: contextlib.nullcontext())
    expected = rf"the weights of '{TINY}' could not be downloaded \(no route to host\); .*give a local file"
    with pytest.raises(ConfigError, match=expected):
        TimmBackbone(TINY, 32, "download")


def test_nothing_is_downloaded_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    pretrained_flags = []
    genuine = timm.create_model

    def create(name: str, **options: Any) -> torch.nn.Module:
        pretrained_flags.append(options["pretrained"])
        model: torch.nn.Module = genuine(name, **options)
        return model

    monkeypatch.setattr("timm.create_model", create)
    TimmBackbone(TINY, 32, None)
    assert set(pretrained_flags) == {False}
