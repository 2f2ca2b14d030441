"""Searches whose trials are judged in folds: pooled predictions, remembered by the study."""

import dataclasses
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from decouple.classifier import Classifier, read_classifier
from decouple.errors import ConfigError, InterruptedRunError
from decouple.evaluation.metrics import evaluate
from decouple.files.features import Features
from decouple.files.results import SelectionEntry
from decouple.files.run_dir import RunDir
from stage1.extract import weights_fingerprint
from stage1.run import start_run
from stage1.settings import Stage1Config
from stage1.trainer import Training
from stage2.feature_cache import load_features, load_stage1_classifier
from stage2.methods.crt import ClassifierRetraining
from stage2.methods.tau import TauNorm
from stage2.settings import Stage2Config
from stage2.train_val_folds import join_splits, split_folds
from tuning import stage2 as tuning_stage2
from tuning import tau as tuning_tau
from tuning import trial_training, weight_decay
from tuning.joint import tune_joint
from tuning.posthoc import TrialFeatures, method_result
from tuning.settings import JointConfig, Stage2SearchConfig, TauConfig, WeightDecayConfig
from tuning.stage2 import tune_stage2
from tuning.tau import tune_tau
from tuning.trial_training import train_folds
from tuning.weight_decay import tune_weight_decay, weight_decay_objective

SMALL = Stage1Config(fraction=0.3, ratio=10.0, epochs=1, batch_size=16, device="cpu", name="small")
FEATURES = Stage2Config(device="cpu")


@pytest.fixture
def base(runs: Path) -> RunDir:
    return RunDir(runs / "base")


@pytest.fixture
def small(tmp_path: Path) -> RunDir:
    return start_run(dataclasses.replace(SMALL, runs=str(tmp_path / "runs")))


def _weight_decay(**settings: Any) -> WeightDecayConfig:
    return WeightDecayConfig(**{"device": "cpu", "trials": 2, "folds": 2, "no_retrain": True, **settings})


def _silent(_epoch: int, _balanced: float) -> None:
    """Prune nothing."""


def test_predictions_of_the_folds_are_pooled(monkeypatch: pytest.MonkeyPatch) -> None:
    # Right of class 0: 1 of 2 and 2 of 2, pooled 3/4. Class 1: 2 of 2 and 0 of 1, 2/3. Class 2: 0 of 1 and 1 of 1, 1/2.
    # Pooled (3/4 + 2/3 + 1/2) / 3 = 23/36; the mean over the two folds would be (1/2 + 2/3) / 2 = 21/36.
    labels = ([0, 0, 1, 1, 2], [0, 0, 1, 2])
    predicted = ([0, 1, 1, 1, 0], [0, 0, 2, 2])
    folds = [(torch.eye(3)[of], torch.tensor(real)) for of, real in zip(predicted, labels, strict=True)]
    monkeypatch.setattr(weight_decay, "train_folds", lambda *_: iter(folds))
    monkeypatch.setattr(weight_decay, "held_out_logits", lambda fold: fold)
    parts: Any = [SimpleNamespace(group_counts=np.array([10, 5, 2]))] * 2
    outcome = weight_decay_objective(SMALL, parts)({"weight_decay": 1e-3}, _silent)
    assert outcome.balanced == pytest.approx(100 * 23 / 36)
    assert outcome.tail == pytest.approx(50)  # class 2 is the tail third


def _steep(norm: float, powers: list[float]) -> TrialFeatures:
    """A classifier of norms `norm` and 1, and images (1, norm^p): taken for class 0 where tau < 1 - p."""
    rows = torch.tensor([[1.0, norm**power] for power in powers])
    labels = torch.tensor([index % 2 for index in range(len(powers))])
    evaluated = Features(rows, labels)
    return TrialFeatures(Classifier("linear", torch.tensor([[norm, 0.0], [0.0, 1.0]])), evaluated, evaluated)


def test_the_classifiers_of_all_folds_share_one_tau() -> None:
    # The first fold wants 0.31 < tau < 0.79, the second 0.61 < tau < 0.99.
    folds = [_steep(4, [0.21, 0.69]), _steep(16, [0.01, 0.39])]
    tail = np.array([1])
    alone = [method_result([fold], TauNorm(), tail).posthoc["tau"] for fold in folds]
    assert alone == [0.32, 0.62]
    shared = method_result(folds, TauNorm(), tail)
    assert (shared.posthoc["tau"], shared.balanced, shared.tail) == (0.62, 100, 100)


def test_folds_that_disagree_settle_on_what_most_images_want() -> None:
    # Class 0 wants tau < 0.5 three times; class 1 wants it above 0.8, once of two. At 0: 3 of 3 and 1 of 2.
    folds = [_steep(4, [0.5, 0.2, 0.5, 1.1]), _steep(16, [0.5])]
    result = method_result(folds, TauNorm(), np.array([1]))
    assert (result.posthoc["tau"], result.balanced, result.tail) == (0, 75, 50)


def test_only_the_first_fold_may_end_a_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    def train(_settings: Stage1Config, data: Any, _values: Any, report: Any) -> Any:
        report(1, data)
        return data

    monkeypatch.setattr(trial_training, "train_trial", train)
    observed: list[float] = []
    parts: Any = [10.0, 20.0, 30.0]
    assert list(train_folds(SMALL, parts, {}, lambda _, reached: observed.append(reached))) == parts
    assert observed == [10.0]


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, list[int], list[int]]]:
    """What is trained: weight decay, images that train, and images that judge."""
    observed: list[tuple[float, list[int], list[int]]] = []
    train = trial_training.train

    def watched(training: Training, *rest: Any, **options: Any) -> None:
        splits = training.batches.data.splits
        observed.append((training.config.weight_decay, splits["train"].tolist(), splits["val"].tolist()))
        train(training, *rest, **options)

    monkeypatch.setattr(trial_training, "train", watched)
    return observed


def test_a_trial_trains_on_every_fold(small: RunDir, trained: list[tuple[float, list[int], list[int]]]) -> None:
    assert tune_weight_decay(small, _weight_decay()) == []
    entry = small.read_results().tuning["weight-decay"]
    assert entry.split == "2 folds of train"
    assert [value for value, _, _ in trained] == [
        trial.values["weight_decay"] for trial in entry.trials for _ in range(2)
    ]
    (_, remaining, held_out), (_, others, rest) = trained[:2]
    assert not set(held_out) & set(rest)
    assert sorted(remaining + held_out) == sorted(others + rest)
    assert set(held_out) <= set(others)
    assert trained[2][1:] == (remaining, held_out)  # the folds are the same for all trials
    tune_weight_decay(small, _weight_decay())
    assert len(trained) == 4
    tune_weight_decay(small, _weight_decay(trials=3))
    assert len(trained) == 6
    with pytest.raises(ConfigError, match="was begun with folds 2, 3 was given"):
        tune_weight_decay(small, _weight_decay(folds=3))
    with pytest.raises(ConfigError, match="was begun with folds 2, no folds was given"):
        tune_weight_decay(small, _weight_decay(folds=0, holdout=0.3))


def test_a_trial_stopped_in_its_second_fold_is_tried_again(small: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[float] = []

    def train(settings: Stage1Config, _data: Any, values: Any, _report: Any) -> Any:
        tried.append(values["weight_decay"])
        if len(tried) == 4:
            trial_training._stop()
        return settings

    def logits(_training: Any) -> tuple[Tensor, Tensor]:
        return torch.eye(10), torch.arange(10)

    monkeypatch.setattr(trial_training, "train_trial", train)
    monkeypatch.setattr(weight_decay, "held_out_logits", logits)
    with pytest.raises(InterruptedRunError):
        tune_weight_decay(small, _weight_decay())
    tune_weight_decay(small, _weight_decay())
    first, _, second, *again = tried
    assert tried == [first, first, second, second, second, second]
    assert again == [second] * 3


def test_joint_is_judged_in_folds(small: RunDir) -> None:
    tune_joint(small, JointConfig(device="cpu", trials=1, folds=2, no_retrain=True))
    entry = small.read_results().tuning["joint"]
    assert entry.split == "2 folds of train"
    assert 0 <= float(entry.trials[0].values["tau"]) <= 2


def test_tau_is_judged_on_training_and_validation_images(base: RunDir) -> None:
    value = tune_tau(base, TauConfig(device="cpu", trials=3, folds=3))
    splits, classifier = load_features(base, FEATURES), load_stage1_classifier(base, "last")
    features, labels = (
        torch.cat([getattr(splits[name], what) for name in ("train", "val")]) for what in ("features", "labels")
    )
    several = torch.bincount(labels)[labels] > 1
    for trial in base.read_results().tuning["tau"].trials:
        weight = classifier.weight / classifier.weight.norm(dim=1, keepdim=True) ** trial.values["tau"]
        correct = (features[several] @ weight.T).argmax(dim=1) == labels[several]
        recalls = [correct[labels[several] == item].double().mean().item() for item in labels[several].unique()]
        assert trial.balanced == pytest.approx(100 * sum(recalls) / len(recalls))
    result = base.read_results()
    assert result.tuning["tau"].split == "3 folds of train and val"
    by = "balanced accuracy in 3 folds of training and validation, pooled, 3 trials of tpe"
    assert result.stage2["last"]["tau"].selection == SelectionEntry(values={"tau": value}, by=by)
    assert "val" not in result.stage2["last"]["tau"].metrics
    curve = result.stage2["last"]["tau"].curve
    assert curve is not None
    assert max(value or 0.0 for value in curve.accuracy["balanced"]) >= result.tuning["tau"].balanced


def test_the_study_remembers_its_folds(base: RunDir) -> None:
    tune_tau(base, TauConfig(device="cpu", trials=1))
    with pytest.raises(ConfigError, match=r"was begun without folds, folds 3 was given.* study"):
        tune_tau(base, TauConfig(device="cpu", trials=1, folds=3))


def test_stage_two_is_judged_in_folds_and_fitted_again_to_all(base: RunDir) -> None:
    config = Stage2SearchConfig(device="cpu", trials=2, epochs_high=4, folds=3)
    best = tune_stage2(base, config).best
    splits, classifier = load_features(base, FEATURES), load_stage1_classifier(base, "last")
    result, counts = base.read_results(), torch.bincount(splits["train"].labels, minlength=10).numpy()
    for trial in result.tuning["stage2-crt"].trials:
        method = ClassifierRetraining(**{name: trial.values[name] for name in best})
        folds = list(split_folds(splits, 3, 0))
        logits = torch.cat(
            [
                method.fit(classifier, {"train": remaining}).classifier.logits(held_out.features)
                for remaining, held_out in folds
            ]
        )
        labels = torch.cat([held_out.labels for _, held_out in folds])
        evaluated = evaluate(logits.numpy(), labels.numpy(), counts)
        assert trial.balanced == pytest.approx(evaluated["balanced"])
    fitted = ClassifierRetraining(**best).fit(classifier, {"train": join_splits(splits)})
    saved = read_classifier(base.classifier("last", "crt"), f"{weights_fingerprint(base, 'last')}-crt")
    assert torch.equal(saved.weight, fitted.classifier.weight)
    entry = result.stage2["last"]["crt"]
    assert "val" not in entry.metrics
    assert entry.selection.by == (
        "balanced accuracy in 3 folds of training and validation, pooled, 2 trials of tpe; "
        "fitted again to all of them together"
    )
    with pytest.raises(ConfigError, match="was begun with folds 3, 2 was given"):
        tune_stage2(base, dataclasses.replace(config, folds=2))


@pytest.mark.parametrize("target", ["tau", "stage2"])
def test_folds_need_no_validation_split(target: str, base: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    remaining = {split: item for split, item in load_features(base, FEATURES).items() if split != "val"}
    for module in (tuning_tau, tuning_stage2):
        monkeypatch.setattr(module, "load_features", lambda *_: remaining)
    if target == "tau":
        tune_tau(base, TauConfig(device="cpu", trials=1, folds=2))
    else:
        tune_stage2(base, Stage2SearchConfig(device="cpu", trials=1, epochs_high=4, folds=2))
    (entry,) = base.read_results().tuning.values()
    assert entry.split == "2 folds of train"
