import dataclasses
from pathlib import Path
from typing import Any

import pytest
import torch

from decouple.classifier import read_classifier
from decouple.errors import ConfigError
from decouple.files.run_dir import RunDir
from stage1.extract import weights_fingerprint
from stage2.feature_cache import load_features, load_stage1_classifier
from stage2.methods.crt import ClassifierRetraining
from stage2.settings import Stage2Config
from tuning import stage2 as tuning_stage2
from tuning.search_spec import TrialDivergedError
from tuning.settings import Stage2SearchConfig
from tuning.stage2 import stage2_search, tune_stage2


@pytest.fixture
def base(runs: Path) -> RunDir:
    return RunDir(runs / "base")


def _config(**settings: Any) -> Stage2SearchConfig:
    return Stage2SearchConfig(**{"device": "cpu", "trials": 4, "epochs_high": 4, **settings})


def _silent(_epoch: int, _balanced: float) -> None:
    """Prune nothing."""


def test_the_best_becomes_the_classifier_of_the_run(base: RunDir) -> None:
    best = tune_stage2(base, _config()).best
    result = base.read_results()
    search, entry = result.tuning["stage2-crt"], result.stage2["last"]["crt"]
    assert search.best == best
    assert [parameter.name for parameter in search.parameters] == ["lr", "weight_decay", "epochs", "sampler"]
    for trial in search.trials:
        assert 1e-3 <= float(trial.values["lr"]) <= 2
        assert 1e-6 <= float(trial.values["weight_decay"]) <= 1e-2
        assert trial.values["epochs"] in (2, 3, 4)
        assert trial.values["sampler"] in ("instance", "sqrt", "class")
    assert search.balanced == max(trial.balanced or 0.0 for trial in search.trials)
    assert entry.metrics["val"]["balanced"] == pytest.approx(search.balanced)
    assert {name: entry.settings[name] for name in best} == best
    splits = load_features(base, Stage2Config(device="cpu"))
    fitted = ClassifierRetraining(**best).fit(load_stage1_classifier(base, "last"), {"train": splits["train"]})
    saved = read_classifier(base.classifier("last", "crt"), f"{weights_fingerprint(base, 'last')}-crt")
    assert torch.equal(saved.weight, fitted.classifier.weight)


def test_lws_with_one_sampler(base: RunDir) -> None:
    tune_stage2(base, _config(method="lws", samplers=("class",), trials=2))
    result = base.read_results().tuning["stage2-lws"]
    assert [parameter.name for parameter in result.parameters] == ["lr", "weight_decay", "epochs"]
    assert base.read_results().stage2["last"]["lws"].settings["sampler"] == "class"


def test_the_same_seed_gives_the_same_trials(base: RunDir) -> None:
    tune_stage2(base, _config(trials=3, study="one"))
    tune_stage2(base, _config(trials=3, study="two"))
    one, two = (base.read_results().tuning[study].trials for study in ("one", "two"))
    assert [dataclasses.replace(trial, seconds=0) for trial in one] == [
        dataclasses.replace(trial, seconds=0) for trial in two
    ]


def test_a_learning_rate_that_is_too_large_has_diverged(base: RunDir) -> None:
    objective = stage2_search(base, _config()).objective
    with pytest.raises(TrialDivergedError, match="infinite or not a number"):
        objective({"lr": 1e38, "weight_decay": 1e-2, "epochs": 2, "sampler": "class"}, _silent)


def test_what_it_cannot_search(base: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="unknown sampler 'clas'"):
        tune_stage2(base, _config(samplers=("clas", "sqrt")))
    remaining = {
        split: item for split, item in load_features(base, Stage2Config(device="cpu")).items() if split != "val"
    }
    monkeypatch.setattr(tuning_stage2, "load_features", lambda *_: remaining)
    with pytest.raises(ConfigError, match="validation split"):
        tune_stage2(base, _config())
