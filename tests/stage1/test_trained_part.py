"""The part of a network that is trained, and the rest, which stays as it is."""

from collections.abc import Callable
from pathlib import Path

import pytest
import timm
import torch
from safetensors.torch import save_file
from torch import Tensor

from decouple.errors import ConfigError
from stage1.backbones.build import make_backbone
from stage1.run import start_run
from stage1.settings import Stage1Config
from stage1.trained_part import HasLastBlock
from stage1.trainer import Training, train_epoch

Make = Callable[..., Training]


def trained_names(make: Make, **settings: object) -> tuple[Training, set[str]]:
    """Train an epoch, and return the training and the names of all parameters and statistics that have changed."""
    training = make(weight_decay=0.1, **settings)
    before = {name: tensor.clone() for name, tensor in training.network.state_dict().items()}
    train_epoch(training, lambda *_: None, lambda: False)
    after = training.network.state_dict()
    return training, {name for name, tensor in after.items() if not torch.equal(tensor, before[name])}


def names_in(training: Training, *prefixes: str) -> set[str]:
    return {name for name in training.network.state_dict() if name.startswith(prefixes)}


@pytest.mark.parametrize("model", ["resnet20", "test_resnet"])
def test_head_changes_the_classifier_alone(make_tiny: Make, model: str) -> None:
    training, changed = trained_names(make_tiny, model=model, train="head")
    assert changed == {"classifier.weight", "classifier.bias"}
    optimized = [parameter for group in training.optimizer.param_groups for parameter in group["params"]]
    assert {id(parameter) for parameter in optimized} == {
        id(parameter) for parameter in training.network.classifier.parameters()
    }


def test_last_block_changes_the_last_stage_and_its_batch_norms(make_tiny: Make) -> None:
    # resnet20 has 9 blocks in 3 stages. Statistics of its earlier batch norms are not updated either.
    training, changed = trained_names(make_tiny, model="resnet20", train="last-block")
    last = tuple(f"backbone.stages.{block}." for block in (6, 7, 8))
    assert changed == names_in(training, *last, "classifier.")
    assert any("running_mean" in name for name in changed)


def test_last_block_of_a_timm_model(make_tiny: Make) -> None:
    training, changed = trained_names(make_tiny, model="test_resnet", train="last-block", batch_size=10)
    assert changed == names_in(training, "backbone.body.layer4.", "classifier.")


def test_all_changes_everything(make_tiny: Make) -> None:
    training, changed = trained_names(make_tiny, model="resnet20")
    assert changed == set(training.network.state_dict())
    assert training.network.frozen == ()


def test_frozen_layers_stay_in_evaluation_mode(make_tiny: Make) -> None:
    network = make_tiny(model="resnet20", train="last-block").network.train()
    modes = {name: module.training for name, module in network.backbone.named_modules() if "norm" in name}
    assert modes == {name: int(name.split(".")[1]) >= 6 for name in modes}
    assert not network.eval().training


@pytest.mark.parametrize(
    ("model", "prefixes"),
    [
        ("resnet32", ("stages.10.", "stages.11.", "stages.12.", "stages.13.", "stages.14.")),
        ("tf_efficientnet_lite0", ("body.blocks.6.", "body.conv_head.", "body.bn2.")),
        ("resnet18", ("body.layer4.",)),
        ("mobilenetv3_small_050", ("body.blocks.5.", "body.conv_head.")),
        ("convnext_atto", ("body.stages.3.", "body.head.norm.")),
        ("test_vit", ("body.blocks.5.", "body.norm.")),
        ("densenet121", ("body.features.denseblock4.", "body.features.norm5.")),
    ],
)
def test_last_blocks(model: str, prefixes: tuple[str, ...]) -> None:
    side = {"resnet32": 32, "test_vit": 160}.get(model, 64)
    backbone = make_backbone(model, side, None)
    assert isinstance(backbone, HasLastBlock)
    expected = {name for name, _ in backbone.named_parameters() if name.startswith(prefixes)}
    assert backbone.last_block() == expected
    assert len({name.split(prefix)[0] for prefix in prefixes for name in expected if prefix in name}) == 1


def test_a_model_whose_last_block_is_unknown(make_tiny: Make, small_backbone: None) -> None:
    with pytest.raises(ConfigError, match="the last block of 'resnet20' is unknown; use train=head or train=all"):
        make_tiny(train="last-block")


@pytest.mark.parametrize("train", ["last-block", "head", "none"])
def test_a_random_backbone_is_not_frozen(tmp_path: Path, train: str) -> None:
    with pytest.raises(ConfigError, match=f"train={train} keeps the backbone as it begins, which is random without"):
        start_run(Stage1Config(train=train, runs=str(tmp_path)))  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("settings", "name"),
    [({"mix": "mixup"}, "mix=mixup"), ({"augment": "crop"}, "augment=crop"), ({"compile": True}, "compile")],
)
def test_options_of_images_have_no_meaning_on_cached_features(settings: dict[str, object], name: str) -> None:
    with pytest.raises(ConfigError, match=f"{name} has no meaning with train=none"):
        Stage1Config(train="none", **settings)  # type: ignore[arg-type]
    Stage1Config(train="head", **settings)  # type: ignore[arg-type]


def weights_file(folder: Path) -> str:
    torch.manual_seed(1)
    state: dict[str, Tensor] = timm.create_model("test_resnet").state_dict()
    save_file(state, folder / "weights.safetensors")
    return str(folder / "weights.safetensors")


@pytest.mark.parametrize("train", ["head", "last-block"])
def test_a_run_begins_with_the_weights_and_is_finished(tmp_path: Path, train: str) -> None:
    run = start_run(
        Stage1Config(
            train=train, model="test_resnet", pretrained=weights_file(tmp_path), fraction=0.1, ratio=3, epochs=1,
            device="cpu", runs=str(tmp_path / "runs"),
        )  # type: ignore[arg-type]
    )  # fmt: skip
    assert run.read_manifest().status == "finished"
    assert "last" in run.read_results().stage1
