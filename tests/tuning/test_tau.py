from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from decouple.classifier import Classifier, read_classifier
from decouple.errors import ConfigError, RunError
from decouple.files.features import Features
from decouple.files.results import ParameterEntry, SelectionEntry
from decouple.files.run_dir import RunDir
from stage1.extract import weights_fingerprint
from stage2.feature_cache import load_features, load_stage1_classifier
from stage2.methods.tau import TauNorm
from stage2.run_methods import run_stage2
from stage2.selection import choose
from stage2.settings import Stage2Config
from tuning import tau as tuning_tau
from tuning.settings import TauConfig
from tuning.tau import end_of_range, tune_tau

# Norms 4 and 1, directions (1, 0) and (0, 1): an image (1, 4^p) is taken for class 0 where 4^(1 - tau) > 4^p, that is
# where tau < 1 - p.
STEEP = Classifier("linear", torch.tensor([[4.0, 0.0], [0.0, 1.0]]), torch.zeros(2))


def _unique_optimum() -> Features:
    """Images that are all right for tau between 0.66 and 0.74 alone."""
    powers = [0.26, 0.1, -0.3, -0.6, 0.34, 0.6, 0.9, 1.2]  # class 0 wants tau < 0.74, class 1 wants tau > 0.66
    rows = torch.tensor([[1.0, 4.0**power] for power in powers])
    return Features(rows, torch.tensor([0, 0, 0, 0, 1, 1, 1, 1]))


@pytest.fixture
def base(runs: Path) -> RunDir:
    return RunDir(runs / "base")


def _config(**settings: Any) -> TauConfig:
    return TauConfig(**{"device": "cpu", "trials": 6, **settings})


def test_the_best_value_becomes_the_tau_classifier_of_the_run(base: RunDir) -> None:
    value = tune_tau(base, _config())
    result = base.read_results()
    entry = result.tuning["tau"]
    assert entry.parameters == (ParameterEntry(name="tau", log=False),)
    assert (entry.best, len(entry.trials)) == ({"tau": value}, 6)
    assert base.study("tau").exists()
    tried = {float(trial.values["tau"]): trial.balanced or 0.0 for trial in entry.trials}
    assert tried[value] == entry.balanced == max(tried.values())
    assert all(0 <= item <= 2 for item in tried)
    stage2 = result.stage2["last"]["tau"]
    assert stage2.settings == {"tau": value, "keep_bias": False}
    assert stage2.selection == SelectionEntry(
        values={"tau": value}, by="balanced accuracy on validation, 6 trials of tpe"
    )
    assert stage2.metrics["val"]["balanced"] == pytest.approx(entry.balanced)
    saved = read_classifier(base.classifier("last", "tau"), f"{weights_fingerprint(base, 'last')}-tau")
    assert torch.equal(saved.weight, TauNorm(tau=value).fit(load_stage1_classifier(base, "last"), {}).classifier.weight)
    assert saved.bias is None


def test_every_trial_is_judged_on_validation(base: RunDir) -> None:
    tune_tau(base, _config(trials=3))
    classifier = load_stage1_classifier(base, "last")
    val = load_features(base, Stage2Config(device="cpu"))["val"]
    for trial in base.read_results().tuning["tau"].trials:
        weight = classifier.weight / classifier.weight.norm(dim=1, keepdim=True) ** trial.values["tau"]
        correct = (val.features @ weight.T).argmax(dim=1) == val.labels
        recalls = [correct[val.labels == item].double().mean().item() for item in range(10)]
        assert trial.balanced == pytest.approx(10 * sum(recalls))
        assert trial.tail == pytest.approx(100 * sum(recalls[7:]) / 3)  # of 10 classes the last 3


def test_a_grid_finds_what_stage_two_finds(base: RunDir) -> None:
    run_stage2(base, Stage2Config(device="cpu", method="tau"))
    of_stage2 = base.read_results().stage2["last"]["tau"]
    tune_tau(base, _config(search="grid", trials=21))  # 0, 0.1 .. 2: every fifth value of stage two's
    of_search = base.read_results().stage2["last"]["tau"]
    assert of_stage2.curve is not None
    highest = max(value or 0.0 for value in of_stage2.curve.accuracy["balanced"][::5])
    assert of_search.metrics["val"]["balanced"] == pytest.approx(highest)
    assert of_search.curve == of_stage2.curve


@pytest.mark.parametrize(("search", "trials"), [("grid", 13), ("tpe", 15)])
def test_a_unique_optimum_is_found(search: str, trials: int, base: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    result = _unique_optimum()
    best = choose([TauNorm()], STEEP, {"train": result, "val": result})[1].selection.values["tau"]
    assert 0.66 <= float(best) <= 0.74
    monkeypatch.setattr(tuning_tau, "load_features", lambda *_: {"train": result, "val": result, "test": result})
    monkeypatch.setattr(tuning_tau, "record_recommended", lambda *_: None)
    monkeypatch.setattr(tuning_tau, "load_stage1_classifier", lambda *_: STEEP)
    monkeypatch.setattr(tuning_tau, "open_results_writer", lambda *_: SimpleNamespace(add=lambda *_: None))
    record = SimpleNamespace(group_counts=(300, 10), fingerprint="f")
    monkeypatch.setattr(RunDir, "read_data", lambda _: record)
    value = tune_tau(base, _config(search=search, trials=trials, low=0.4, high=1.0))
    assert 0.66 < value < 0.74
    assert abs(value - float(best)) <= 0.05  # a step of the grid
    assert base.read_results().tuning["tau"].balanced == 100


def test_calling_again_with_more_trials_goes_on(base: RunDir) -> None:
    tune_tau(base, _config(trials=4))
    first = base.read_results().tuning["tau"].trials
    tune_tau(base, _config(trials=7))
    assert base.read_results().tuning["tau"].trials[:4] == first


def test_other_settings_want_another_study(base: RunDir) -> None:
    tune_tau(base, _config())
    with pytest.raises(ConfigError, match=r"was begun with keep_bias False, True was given.* study"):
        tune_tau(base, _config(keep_bias=True))
    with pytest.raises(ConfigError, match="was begun with weights last, best was given"):
        tune_tau(base, _config(weights="best", study="tau"))
    tune_tau(base, _config(keep_bias=True, study="with-bias"))
    assert set(base.read_results().tuning) == {"tau", "with-bias"}
    assert read_classifier(base.classifier("last", "tau"), f"{weights_fingerprint(base, 'last')}-tau").bias is not None


def test_without_validation_there_is_nothing_to_search_on(base: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    remaining = {
        split: item for split, item in load_features(base, Stage2Config(device="cpu")).items() if split != "val"
    }
    monkeypatch.setattr(tuning_tau, "load_features", lambda *_: remaining)
    monkeypatch.setattr(tuning_tau, "record_recommended", lambda *_: None)
    with pytest.raises(ConfigError, match=r"a trial is evaluated on a validation split .* folds=5"):
        tune_tau(base, _config())


def test_a_damaged_study_is_one_sentence(base: RunDir) -> None:
    base.study("tau").write_bytes(b"no data base" * 50)
    with pytest.raises(RunError, match=r"the study in .*tau\.db cannot be read or written: .*file is not a database"):
        tune_tau(base, _config())


@pytest.mark.parametrize(
    ("tau", "low", "high", "further"),
    [
        (2.0, 0.0, 2.0, "4"),
        (1.99, 0.0, 2.0, "4"),
        (1.97, 0.0, 2.0, None),
        (8.0, 0.0, 8.0, "10"),
        (10.0, 0.0, 10.0, None),
    ],
)
def test_a_best_tau_at_the_end_of_its_range_is_said(tau: float, low: float, high: float, further: str | None) -> None:
    remark = end_of_range(tau, low, high)
    assert (remark is None) == (further is None)
    assert remark is None or remark.endswith(f"search up to {further}")
