import dataclasses
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from decouple.config import from_yaml
from decouple.features import Features
from decouple.head import Head
from decouple.metrics import evaluate
from decouple.run_dir import FINISHED, RunDir
from stage1.run import start_run
from stage1.settings import Stage1Config
from stage2.tau import TauNorm
from tuning import joint
from tuning.joint import plan_joint, tune_joint
from tuning.settings import JointConfig
from tuning.study import Outcome

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


def test_the_tau_of_a_trial_is_the_best_of_the_curve_on_its_own_features(
    base: RunDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[Head, Features]] = []
    of_trial = joint.features_of_trial

    def watched(training: Any) -> tuple[Head, Features]:
        seen.append(of_trial(training))
        return seen[-1]

    monkeypatch.setattr(joint, "features_of_trial", watched)
    tuned = tune_joint(base, _config(no_retrain=True))
    found = base.read_results()["tuning"]["joint"]
    assert len(found["trials"]) == len(seen) == 3
    for trial, (head, features) in zip(found["trials"], seen, strict=True):
        fitted = TauNorm().fit(head, {"train": features, "val": features})
        assert trial["tau"] == fitted.chosen["tau"]
        logits = fitted.head.logits(features.features).numpy()
        judged = evaluate(logits, features.labels.numpy(), torch.bincount(features.labels, minlength=10).numpy())
        assert trial["balanced"] == pytest.approx(judged["balanced"])
        assert 1e-5 <= trial["weight_decay"] <= 1e-1
        assert 1e-3 <= trial["lr"] <= 0.5
    assert tuned.runs == []
    assert tuned.tau == found["best"]["tau"]
    assert set(found["best"]) == {"weight_decay", "lr", "tau"}


def test_the_best_is_trained_on_all_images(base: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    solved = iter([0.2, 0.4, 0.6])
    monkeypatch.setattr(joint, "solve_tau", lambda *_: Outcome(50.0, 10 * (tau := next(solved)), {"tau": tau}))
    tuned = tune_joint(base, _config())
    best = base.read_results()["tuning"]["joint"]["best"]
    assert tuned.tau == best["tau"] == 0.6  # all are equal, but its tail is the best
    (retrained,) = tuned.runs
    assert retrained.name == f"small-lr{best['lr']:.3g}-wd{best['weight_decay']:.3g}"
    settings = from_yaml(Stage1Config, retrained.config)
    assert (settings.lr, settings.weight_decay, settings.epochs) == (best["lr"], best["weight_decay"], 2)
    assert retrained.read_manifest()["status"] == FINISHED
    assert retrained.read_manifest()["tuned_from"] == "small"
    again = tune_joint(base, _config())
    assert again == tuned


def test_pruning_waits_for_the_warm_up_and_is_kept_with_the_study(base: RunDir) -> None:
    search = plan_joint(base, _config(epochs=10, prune=True)).search
    assert search.prune
    assert search.prune_after == 2  # a fifth of the epochs
