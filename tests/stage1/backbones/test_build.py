import pytest

from decouple.errors import ConfigError
from stage1.backbones import build
from stage1.backbones.build import make_backbone


def test_resnets_of_this_package_have_no_pretrained_weights() -> None:
    with pytest.raises(ConfigError, match="pretrained goes with timm models; 'resnet20' starts from random weights"):
        make_backbone("resnet20", 32, "download")


def test_images_must_not_be_too_small() -> None:
    with pytest.raises(ConfigError, match="'resnet20' needs images of 4 x 4 pixels or more, got 3 x 3"):
        make_backbone("resnet20", 3, None)


def test_other_names_come_from_timm() -> None:
    assert make_backbone("test_resnet", 32, None).num_features == 96


def test_the_resnets_do_not_need_timm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.import_module", lambda name: pytest.fail(f"{name} was imported"))
    make_backbone("resnet20", 32, None)
    assert not any("timm" in name for name in vars(build) if name not in ("_timm_model", "timm_backbone"))
