import dataclasses
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from decouple.config.settings_yaml import from_yaml, to_yaml
from decouple.datasets.data import Data
from decouple.errors import DecoupleError, InterruptedRunError, RunError
from decouple.files.results import ParameterEntry
from decouple.files.run_dir import RunDir
from decouple.files.run_manifest import FINISHED, INTERRUPTED
from stage1 import complete_run as stage1_complete_run
from stage1.run import start_run
from stage1.settings import Stage1Config
from stage1.trainer import NonFiniteLossError, Training
from tuning import trial_training, weight_decay
from tuning.search_spec import ReportEpoch, TrialDivergedError, TrialResult
from tuning.settings import WeightDecayConfig
from tuning.space import Values
from tuning.trial_splits import hold_out
from tuning.trial_training import base_run
from tuning.weight_decay import tune_weight_decay, weight_decay_objective

SETTINGS = Stage1Config(fraction=0.3, ratio=10.0, epochs=1, batch_size=16, device="cpu", name="small")


@pytest.fixture(scope="module")
def _small(tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    return start_run(dataclasses.replace(SETTINGS, runs=str(tmp_path_factory.mktemp("small"))))


@pytest.fixture
def base(_small: RunDir, tmp_path: Path) -> RunDir:
    """A run to be changed at will: 35 images in its largest class, one epoch."""
    shutil.copytree(_small.path, tmp_path / "runs" / "small")
    return RunDir(tmp_path / "runs" / "small")


def _config(**settings: Any) -> WeightDecayConfig:
    return WeightDecayConfig(**{"device": "cpu", "trials": 2, **settings})


def _silent(_epoch: int, _balanced: float) -> None:
    """Prune nothing."""


def _pretend(monkeypatch: pytest.MonkeyPatch, tried: list[float]) -> None:
    """Let a trial be a formula: best at a weight decay of 1e-3."""

    def make(_settings: Stage1Config, _parts: list[Data], _select: str) -> Any:
        def objective(values: Values, _report: ReportEpoch) -> TrialResult:
            value = values["weight_decay"]
            tried.append(value)
            return TrialResult(90 - abs(np.log10(value) + 3), 50.0)

        return objective

    monkeypatch.setattr(weight_decay, "weight_decay_objective", make)


def _watch(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, int, list[str]]]:
    """Note what each trial is trained with: weight decay, images, splits."""
    trained: list[tuple[float, int, list[str]]] = []
    train = trial_training.train

    def watched(training: Training, *rest: Any, **options: Any) -> None:
        data = training.batches.data
        trained.append((training.config.weight_decay, len(training.train), sorted(data.splits)))
        train(training, *rest, **options)

    monkeypatch.setattr(trial_training, "train", watched)
    return trained


def test_the_whole_way(base: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    trained, before = _watch(monkeypatch), base.read_results()
    (retrained,) = tune_weight_decay(base, _config())
    assert base.study("weight-decay").read_bytes().startswith(b"SQLite format 3")

    entry = base.read_results().tuning["weight-decay"]
    values = [float(trial.values["weight_decay"]) for trial in entry.trials]
    assert len(set(values)) == 2
    assert all(1e-5 <= value <= 1e-1 for value in values)
    assert [value for value, _, _ in trained] == values
    images = base.read_data().images["train"]
    assert all(splits == ["train", "val"] for _, _, splits in trained)
    assert all(0.7 * images < count < 0.85 * images for _, count, _ in trained)  # 80 %
    balanced = [trial.balanced or 0.0 for trial in entry.trials]
    best = entry.best["weight_decay"]
    assert best == values[balanced.index(max(balanced))] or balanced[0] == balanced[1]
    assert (entry.parameters, entry.balanced) == ((ParameterEntry(name="weight_decay", log=True),), max(balanced))
    assert base.read_results().stage1 == before.stage1
    _require_trained_on_all(base, retrained, best)

    trained.clear()
    monkeypatch.setattr(stage1_complete_run, "start_run", lambda *_: pytest.fail("trained again"))
    monkeypatch.setattr(stage1_complete_run, "resume_run", lambda *_: pytest.fail("trained again"))
    assert tune_weight_decay(base, _config()) == [retrained]
    assert trained == []
    assert base.read_results().tuning["weight-decay"] == entry


def _require_trained_on_all(base: RunDir, retrained: RunDir, best: float) -> None:
    """Check that the run differs from the base in its weight decay alone."""
    result, settings = retrained.read_data(), from_yaml(Stage1Config, retrained.config)
    assert result == base.read_data()  # all training images, the same validation and test split
    assert settings.weight_decay == best
    changed = {"weight_decay", "name", "runs"}
    stored = from_yaml(Stage1Config, base.config)
    assert {item for item in vars(stored) if getattr(stored, item) != getattr(settings, item)} == changed
    assert retrained.read_manifest().status == FINISHED
    assert retrained.path.parent == base.path.parent
    assert base_run(retrained) == base
    assert base_run(base) == base


def test_a_trial_learns_with_its_weight_decay_and_is_judged_by_classes(base: RunDir) -> None:
    settings = from_yaml(Stage1Config, base.config)
    evaluated = hold_out(trial_training.load_for(settings), 0.2, 0)
    objective = weight_decay_objective(settings, [evaluated])
    small, again, large = (objective({"weight_decay": value}, _silent) for value in (1e-5, 1e-5, 0.1))
    assert small == again
    assert small != large
    assert 0 <= large.balanced <= 100
    assert large.tail is not None


def test_only_the_search(base: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[float] = []
    _pretend(monkeypatch, tried)
    assert tune_weight_decay(base, _config(trials=5, no_retrain=True)) == []
    entry = base.read_results().tuning["weight-decay"]
    assert entry.best["weight_decay"] == min(tried, key=lambda value: abs(np.log10(value) + 3))
    assert [item.name for item in base.path.parent.iterdir()] == ["small"]


def test_epochs_of_a_trial_can_be_fewer_than_those_of_the_run(base: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    epochs: list[int] = []

    def make(settings: Stage1Config, _parts: list[Data], _select: str) -> Any:
        epochs.append(settings.epochs)
        return lambda _values, _report: TrialResult(50.0, None)

    monkeypatch.setattr(weight_decay, "weight_decay_objective", make)
    base.config.write_text(to_yaml(dataclasses.replace(SETTINGS, epochs=9)))
    tune_weight_decay(base, _config(no_retrain=True))
    tune_weight_decay(base, _config(no_retrain=True, epochs=3, study="short"))
    assert epochs == [9, 3]


def test_an_interrupted_search_goes_on(base: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    complete: list[float] = []
    _pretend(monkeypatch, complete)
    tune_weight_decay(base, _config(trials=5, no_retrain=True, study="whole"))
    tried: list[float] = []

    def make(_settings: Stage1Config, _parts: list[Data], _select: str) -> Any:
        def objective(values: Values, _report: ReportEpoch) -> TrialResult:
            value = values["weight_decay"]
            tried.append(value)
            if len(tried) == 3:
                trial_training._stop()
            return TrialResult(90 - abs(np.log10(value) + 3), 50.0)

        return objective

    monkeypatch.setattr(weight_decay, "weight_decay_objective", make)
    with pytest.raises(
        InterruptedRunError, match=r"the finished trials are saved\. Go on by giving the same command again"
    ):
        tune_weight_decay(base, _config(trials=5, no_retrain=True))
    assert "weight-decay" not in base.read_results().tuning
    tune_weight_decay(base, _config(trials=5, no_retrain=True))
    assert tried == [*complete[:3], *complete[2:]]  # the third once more


def test_a_trial_without_finite_loss_counts_as_diverged(base: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = from_yaml(Stage1Config, base.config)
    objective = weight_decay_objective(
        dataclasses.replace(settings, lr=1e20), [hold_out(trial_training.load_for(settings), 0.2, 0)]
    )
    with pytest.raises(TrialDivergedError):
        objective({"weight_decay": 1e-3}, _silent)

    def fail(*_: object, **__: object) -> None:
        raise NonFiniteLossError("the training loss became nan")

    monkeypatch.setattr(trial_training, "train", fail)
    with pytest.raises(DecoupleError, match="none of the 2 trials gave a finite loss"):
        tune_weight_decay(base, _config())
    assert base.read_results().tuning == {}


def test_a_network_that_ends_without_finite_logits_is_diverged(base: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = from_yaml(Stage1Config, base.config)
    objective = weight_decay_objective(settings, [hold_out(trial_training.load_for(settings), 0.2, 0)])

    def last_step_too_far(training: Training, *_: Any, **__: Any) -> None:
        training.network.classifier.weight.data.fill_(float("nan"))

    monkeypatch.setattr(trial_training, "train", last_step_too_far)
    with pytest.raises(TrialDivergedError, match="gives no finite logits"):
        objective({"weight_decay": 1e-3}, _silent)


def test_an_interrupted_retraining_is_resumed(base: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend(monkeypatch, [])
    (retrained,) = tune_weight_decay(base, _config())
    complete = retrained.read_results()
    retrained.set_status(INTERRUPTED)
    retrained.results.unlink()
    (again,) = tune_weight_decay(base, _config())
    assert again == retrained
    assert again.read_manifest().status == FINISHED
    assert again.read_results().stage1["last"].metrics["test"] == complete.stage1["last"].metrics["test"]


def test_other_images_are_refused(base: RunDir) -> None:
    base.config.write_text(to_yaml(dataclasses.replace(SETTINGS, subset_seed=1)))
    with pytest.raises(RunError, match=r"the images are not those that .* was trained on"):
        tune_weight_decay(base, _config())


def test_the_run_is_held_meanwhile(base: RunDir) -> None:
    with base.lock(), pytest.raises(RunError, match="is in use by another process"):
        tune_weight_decay(base, _config())
