import dataclasses
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from decouple.config.settings_yaml import from_yaml
from decouple.errors import ConfigError
from decouple.evaluation.metrics import evaluate
from decouple.files.run_dir import RunDir
from decouple.files.run_manifest import FINISHED
from stage1.run import start_run
from stage1.settings import Stage1Config
from stage2.methods.crt import ClassifierRetraining
from stage2.methods.ncm import NearestClassMean
from stage2.methods.tau import TauNorm
from stage2.selection import choose
from tuning import joint
from tuning.joint import joint_search, tune_joint
from tuning.posthoc import TrialFeatures
from tuning.search_spec import TrialResult
from tuning.settings import JointConfig

SETTINGS = Stage1Config(fraction=0.3, ratio=10.0, epochs=2, batch_size=16, device="cpu", name="small")


@pytest.fixture(scope="module")
def _small(tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    return start_run(dataclasses.replace(SETTINGS, runs=str(tmp_path_factory.mktemp("small"))))


@pytest.fixture
def base(_small: RunDir, tmp_path: Path) -> RunDir:
    shutil.copytree(_small.path, tmp_path / "runs" / "small")
    return RunDir(tmp_path / "runs" / "small")


def _config(**settings: Any) -> JointConfig:
    return JointConfig(**{"device": "cpu", "trials": 3, "epochs": 1, **settings})


def _watched(monkeypatch: pytest.MonkeyPatch) -> list[TrialFeatures]:
    """What the trials to come are judged by."""
    observed: list[TrialFeatures] = []
    of_trial = joint.trial_features

    def watched(training: Any, methods: Any) -> TrialFeatures:
        observed.append(of_trial(training, methods))
        return observed[-1]

    monkeypatch.setattr(joint, "trial_features", watched)
    return observed


def test_the_tau_of_a_trial_is_the_best_of_the_curve_on_its_own_features(
    base: RunDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    observed = _watched(monkeypatch)
    tuned = tune_joint(base, _config(no_retrain=True))
    result = base.read_results().tuning["joint"]
    assert len(result.trials) == len(observed) == 3
    for trial, part in zip(result.trials, observed, strict=True):
        features = part.held_out
        assert part.train.stored.shape[1] == 0  # which tau does not read
        fitted = choose([TauNorm()], part.classifier, {"train": features, "val": features})[1]
        assert trial.values["tau"] == fitted.selection.values["tau"]
        logits = fitted.classifier.logits(features.features).numpy()
        evaluated = evaluate(logits, features.labels.numpy(), torch.bincount(features.labels, minlength=10).numpy())
        assert trial.balanced == pytest.approx(evaluated["balanced"])
        assert 1e-5 <= float(trial.values["weight_decay"]) <= 1e-1
        assert 1e-3 <= float(trial.values["lr"]) <= 0.5
    assert tuned.runs == []
    assert (tuned.method, tuned.hyperparameters) == ("tau", {"tau": result.best["tau"]})
    assert set(result.best) == {"weight_decay", "lr", "tau"}
    assert set(result.trials[0].values) == {"weight_decay", "lr", "tau"}


def test_the_best_is_trained_on_all_images(base: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    solved = iter([0.2, 0.4, 0.6])
    monkeypatch.setattr(joint, "best_result", lambda *_: TrialResult(50.0, 10 * (tau := next(solved)), {"tau": tau}))
    tuned = tune_joint(base, _config())
    best = base.read_results().tuning["joint"].best
    assert tuned.hyperparameters["tau"] == best["tau"] == 0.6  # all are equal, but its tail is the best
    (retrained,) = tuned.runs
    assert retrained.name == f"small-lr{best['lr']:.3g}-wd{best['weight_decay']:.3g}"
    settings = from_yaml(Stage1Config, retrained.config)
    assert (settings.lr, settings.weight_decay, settings.epochs) == (best["lr"], best["weight_decay"], 2)
    assert retrained.read_manifest().status == FINISHED
    assert retrained.read_manifest().tuned_from == "small"
    again = tune_joint(base, _config())
    assert again == tuned


def test_pruning_waits_for_the_warm_up_and_is_kept_with_the_study(base: RunDir) -> None:
    search = joint_search(base, _config(epochs=10, prune=True)).spec
    assert search.prune
    assert search.prune_after == 2  # a fifth of the epochs


def test_a_trial_is_judged_with_the_best_method_of_stage_two(base: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    observed = _watched(monkeypatch)
    tuned = tune_joint(base, _config(methods=("tau", "ncm", "crt"), trials=2, no_retrain=True))
    result = base.read_results().tuning["joint"]
    assert len(result.trials) == len(observed) == 2
    for trial, part in zip(result.trials, observed, strict=True):
        evaluated, labels = part.held_out, part.held_out.labels
        classifiers = {
            "tau": choose([TauNorm()], part.classifier, {"train": evaluated, "val": evaluated})[1].classifier,
            "ncm": NearestClassMean().fit(part.classifier, {"train": part.train}).classifier,
            "crt": ClassifierRetraining(seed=SETTINGS.seed).fit(part.classifier, {"train": part.train}).classifier,
        }
        counts = torch.bincount(labels, minlength=10).numpy()
        worth = {
            name: evaluate(classifier.logits(evaluated.features).numpy(), labels.numpy(), counts)["balanced"]
            for name, classifier in classifiers.items()
        }
        assert trial.balanced == pytest.approx(max(worth.values()))
        assert trial.balanced == pytest.approx(worth[str(trial.values["method"])])
        assert ("tau" in trial.values) == (trial.values["method"] == "tau")
    assert tuned.method == result.best["method"]
    assert set(result.best) == {"weight_decay", "lr", "method", *tuned.hyperparameters}


def test_the_study_remembers_its_methods_where_they_are_not_the_default(base: RunDir) -> None:
    assert "methods" not in dict(joint_search(base, _config()).spec.fixed)  # nor was it in studies of earlier versions
    tune_joint(base, _config(methods=("tau", "ncm"), trials=1, no_retrain=True))
    with pytest.raises(ConfigError, match="was begun with methods tau ncm, no methods was given"):
        tune_joint(base, _config(trials=1, no_retrain=True))
    with pytest.raises(ConfigError, match="was begun with methods tau ncm, tau crt was given"):
        tune_joint(base, _config(methods=("tau", "crt"), trials=1, no_retrain=True))


def test_an_unknown_method_is_refused_before_the_images_are_read(base: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joint, "trial_data", lambda *_: pytest.fail("the images were read"))
    with pytest.raises(ConfigError, match=r"unknown stage-2 method 'nmc'. Did you mean 'ncm'\?"):
        tune_joint(base, _config(methods=("tau", "nmc")))
