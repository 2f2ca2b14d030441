import pytest
import torch

from decouple.errors import ConfigError
from stage1.backbones.build import make_backbone

IMAGES = torch.rand(4, 3, 32, 32, generator=torch.Generator().manual_seed(0))


def test_dropout_of_a_timm_model_acts_in_training_alone() -> None:
    backbone = make_backbone("test_vit", 32, None, drop_rate=0.5)
    assert torch.equal(backbone.eval()(IMAGES), backbone(IMAGES))
    # Half of the 4 x 64 features are zero, with a deviation of 8; a layer norm leaves none at zero by itself.
    assert abs(int((backbone.train()(IMAGES) == 0).sum()) - 128) < 40
    assert int((make_backbone("test_vit", 32, None).train()(IMAGES) == 0).sum()) == 0


def test_stochastic_depth_reaches_the_blocks() -> None:
    backbone = make_backbone("test_resnet", 32, None, drop_path=0.25)
    rates = [float(module.drop_prob) for module in backbone.modules() if type(module).__name__ == "DropPath"]
    assert max(rates) == pytest.approx(0.25)


@pytest.mark.parametrize(("option", "value"), [("drop_rate", 0.5), ("drop_path", 0.1)])
def test_the_resnets_of_this_package_have_no_dropout(option: str, value: float) -> None:
    with pytest.raises(ConfigError, match=rf"{option} goes with timm models; 'resnet20' has no dropout"):
        make_backbone("resnet20", 32, None, **{option: value})


def test_a_timm_model_without_stochastic_depth_is_named() -> None:
    with pytest.raises(ConfigError, match=r"the model 'vgg11' of timm has no drop_path"):
        make_backbone("vgg11", 32, None, drop_path=0.1)
