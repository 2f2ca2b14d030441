"""Every recipe of the package names its source, is listed, parses, and runs."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from decouple.config.recipes import FOLDER
from decouple.config.settings_yaml import from_yaml
from stage1.schedule import learning_rate
from stage1.settings import Stage1Config
from stage2.settings import Stage2Config

ROOT = Path(__file__).parent.parent
RECIPES = sorted(FOLDER.glob("*.yaml"))
STAGE1 = [path for path in RECIPES if "stage2" not in path.name]
STAGE2 = [path for path in RECIPES if "stage2" in path.name]
SMALL = [
    "--data",
    "digits",
    "--fraction",
    "0.3",
    "--ratio",
    "5",
    "--model",
    "resnet20",
    "--epochs",
    "1",
]


@pytest.fixture
def no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw nothing: the figures do not depend on the recipe, and take three times as long as the training."""
    monkeypatch.setattr("decouple.commands.stage1.draw_stage1", lambda *_: None)
    monkeypatch.setattr("decouple.commands.stage2.draw_stage2", lambda *_, **__: None)


def test_all_are_listed() -> None:
    listed = re.findall(r"`([\w*-]+)`", (ROOT / "configs" / "README.md").read_text(encoding="utf-8"))
    assert sorted(path for name in set(listed) for path in FOLDER.glob(f"{name}.yaml")) == RECIPES
    assert (len(STAGE1), len(STAGE2)) == (19, 8)


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_the_source_is_named(path: Path) -> None:
    comments = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("# ")]
    assert "Source: " in " ".join(comments)
    assert max(map(len, comments)) <= 120


@pytest.mark.usefixtures("no_figures")
def test_adam_with_a_stepwise_schedule_as_the_text_has_it(tmp_path: Path, decouple: Callable[..., Any]) -> None:
    config = from_yaml(Stage1Config, FOLDER / "adam-steplr.yaml")
    assert (config.optimizer, config.lr, config.weight_decay, config.batch_size) == ("adam", 0.001, 1e-4, 128)
    rates = [learning_rate(config, epoch, 1) for epoch in (0, 29, 30, 60, 89)]
    assert rates == pytest.approx([1e-3, 1e-3, 1e-4, 1e-5, 1e-5])
    counts = ["--max-count", "30", "--test-max-count", "4"]
    answer = decouple("stage1", "--config", "adam-steplr", *SMALL, *counts, "--augment", "crop", "--runs", tmp_path)
    assert answer.code == 0, answer.err


@pytest.mark.usefixtures("no_figures")
@pytest.mark.parametrize("path", [path for path in STAGE1 if path.stem != "adam-steplr"], ids=lambda path: path.stem)
def test_a_recipe_of_stage_one_runs(path: Path, tmp_path: Path, decouple: Callable[..., Any]) -> None:
    config = from_yaml(Stage1Config, path)
    assert config.data in ("cifar10", "cifar100")
    assert (config.model, config.optimizer, config.lr, config.momentum) == ("resnet32", "sgd", 0.1, 0.9)
    assert config.milestones == (round(0.8 * config.epochs), round(0.9 * config.epochs))
    # A horizontal flip changes the class of digits; everything else is as the recipe says.
    answer = decouple("stage1", "--config", path, *SMALL, "--augment", "crop", "--runs", tmp_path, "--name", "short")
    assert answer.code == 0, answer.err
    stored = yaml.safe_load((tmp_path / "short" / "config.yaml").read_text(encoding="utf-8"))
    assert stored["loss_options"] == dict(config.loss_options)


@pytest.mark.usefixtures("no_figures")
@pytest.mark.parametrize("path", STAGE2, ids=lambda path: path.stem)
def test_a_recipe_of_stage_two_runs(path: Path, runs: Path, decouple: Callable[..., Any]) -> None:
    config = from_yaml(Stage2Config, path)
    answer = decouple("stage2", "--config", path, "--run", runs / "base")
    assert answer.code == 0, answer.err
    settings = yaml.safe_load((runs / "base" / "results.json").read_text(encoding="utf-8"))["stage2"][config.weights][
        config.method
    ]["settings"]
    assert (settings["sampler"], settings["loss"], settings["lr"]) == (config.sampler, config.loss, config.lr)
    assert settings["loss_options"] == dict(config.loss_options)
