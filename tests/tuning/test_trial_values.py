"""Ranges by name, and the values of a trial as settings of stage one."""

import dataclasses
from pathlib import Path

import pytest

from decouple.errors import ConfigError
from stage1.run import start_run
from stage1.settings import Stage1Config
from tuning.named_range import NamedRange, parse_ranges
from tuning.settings import JointConfig, WeightDecayConfig
from tuning.space import Range
from tuning.trial_values import parameters_of, require_ends, setting_value, with_values
from tuning.weight_decay import tune_weight_decay

OWN = (Range("weight_decay", 1e-5, 1e-1, log=True), Range("lr", 1e-3, 0.5, log=True))


def test_ranges_are_read() -> None:
    ranges = parse_ranges(["momentum=0.8:0.99", "epochs=20:60:log", "loss_options.delta=-1:1e-1"])
    assert ranges == (
        NamedRange("momentum", 0.8, 0.99),
        NamedRange("epochs", 20, 60, log=True),
        NamedRange("loss_options.delta", -1, 0.1),
    )
    assert parameters_of(ranges, OWN) == (
        *OWN,
        Range("momentum", 0.8, 0.99),
        Range("epochs", 20, 60, log=True, integer=True),
        Range("loss_options.delta", -1, 0.1),
    )


def test_a_range_replaces_that_of_the_search() -> None:
    assert parameters_of(parse_ranges(["lr=0.1:0.2"]), OWN) == (OWN[0], Range("lr", 0.1, 0.2))


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["momentum"], r"range takes NAME=LOW:HIGH .* got 'momentum'"),
        (["momentum=0.8"], "range takes NAME=LOW:HIGH"),
        (["momentum=0.8:nan"], "range takes NAME=LOW:HIGH"),
        (["momentum=0.9:0.8"], r"range needs the lower end first, got 'momentum=0\.9:0\.8'"),
        (["lr=0:1:log"], "the lower end of a logarithmic range must be above 0"),
        (["lr=0.1:1", "lr=0.2:1"], "range names 'lr' twice"),
    ],
)
def test_ranges_that_are_none(texts: list[str], message: str) -> None:
    for config in (WeightDecayConfig, JointConfig):
        with pytest.raises(ConfigError, match=message):
            config(range=tuple(texts))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("momentun=0.8:0.9", r"'momentun', which is no number .*\. Did you mean 'momentum'\?"),
        ("model=1:2", "'model', which is no number"),
        ("ratio=1:2", "'ratio', which is no number"),
        ("epochs=1.5:3", "range of 'epochs' needs whole numbers"),
    ],
)
def test_names_that_are_no_numbers_of_stage_one(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parameters_of(parse_ranges([text]), OWN)


def test_stage_one_takes_the_ends() -> None:
    settings = Stage1Config(loss="focal", loss_options={"gamma": 2.0})
    require_ends(settings, [Range("loss_options.gamma", 0.0, 5.0), Range("momentum", 0.0, 0.99)])
    with pytest.raises(ConfigError, match=r"range of 'momentum' with the value 1: momentum must be .* below 1"):
        require_ends(settings, [Range("momentum", 0.5, 1.0)])
    with pytest.raises(ConfigError, match=r"'loss_options.gama' with the value 0: unknown option 'gama'"):
        require_ends(settings, [Range("loss_options.gama", 0.0, 5.0)])


def test_values_become_settings() -> None:
    before = Stage1Config(loss="ldam", loss_options={"scale": 20.0}, epochs=50, warmup_epochs=5)
    after = with_values(before, {"loss_options.max_margin": 0.4, "epochs": 3, "momentum": 0.5})
    changes = {"loss_options": {"scale": 20.0, "max_margin": 0.4}, "epochs": 3, "warmup_epochs": 3, "momentum": 0.5}
    assert after == dataclasses.replace(before, **changes)
    assert (setting_value(after, "loss_options.max_margin"), setting_value(after, "epochs")) == (0.4, 3)


def test_a_search_over_options_of_the_loss(tmp_path: Path) -> None:
    settings = Stage1Config(fraction=0.2, ratio=10.0, epochs=1, batch_size=16, device="cpu", loss="focal", name="base")
    base = start_run(dataclasses.replace(settings, runs=str(tmp_path)))
    config = WeightDecayConfig(
        device="cpu", trials=2, select="macro_f1", search="random", range=("loss_options.gamma=0.5:4", "epochs=1:2")
    )
    (run,) = tune_weight_decay(base, config)
    entry = base.read_results().tuning["weight-decay"]
    assert set(entry.best) == {"weight_decay", "loss_options.gamma", "epochs"}
    best = entry.trials[entry.best_trial - 1]
    assert best.score == max(trial.score or 0 for trial in entry.trials)
    gamma, decay = entry.best["loss_options.gamma"], entry.best["weight_decay"]
    assert run.name == f"base-epochs{entry.best['epochs']}-gamma{gamma:.3g}-wd{decay:.3g}"
    assert f"gamma: {gamma}" in run.config.read_text()
    assert tune_weight_decay(base, config) == [run]
