import dataclasses
import math
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from decouple.classifier import Classifier, read_classifier
from decouple.errors import ConfigError, RunError
from decouple.evaluation.metrics import Metrics
from decouple.files.features import Features
from decouple.files.results import MethodEntry, SelectionEntry, Stage1Entry
from decouple.files.run_dir import RunDir
from decouple.files.tensor_files import read_tensors
from stage1.extract import weights_fingerprint
from stage2 import run_methods as stage2_run
from stage2.candidates import make_method
from stage2.feature_cache import load_features, load_stage1_classifier
from stage2.fit_result import FeatureSplits, FitResult, HyperparameterCurve
from stage2.methods import ALL_METHODS, METHODS
from stage2.methods.tau import TauNorm
from stage2.methods.unchanged import Unchanged
from stage2.results_writer import curve_by_group
from stage2.run_methods import run_stage2
from stage2.settings import Stage2Config


@pytest.fixture
def base(runs: Path) -> RunDir:
    return RunDir(runs / "base")


def _config(**settings: Any) -> Stage2Config:
    return Stage2Config(**{"device": "cpu", "epochs": 1, **settings})


def _saved(run: RunDir, method: str, checkpoint: str = "last") -> Classifier:
    return read_classifier(run.classifier(checkpoint, method), f"{weights_fingerprint(run, checkpoint)}-{method}")


def _figures(entry: Stage1Entry | MethodEntry) -> tuple[dict[str, Metrics], tuple[float, ...] | None]:
    return entry.metrics, entry.weight_norms


def test_options_of_the_same_names_reach_the_method() -> None:
    other = {
        "sampler": "power", "sampler_options": {"q": 0.25}, "loss_options": {"tau": 0.5},
        "loss": "logit_adjustment", "epochs": 3, "batch_size": 7, "lr": 0.3, "momentum": 0.5,
        "weight_decay": 0.25, "tau": 0.75, "keep_bias": True, "metric": "cl2n", "seed": 11,
        "k": 7, "rho": 0.5, "smoothing": 0.7, "lr_factor": 0.7, "fixed_scale": True,
        "norm_threshold": 0.2, "precision": "fp32",
    }  # fmt: skip
    requested = set()
    for name, category in METHODS.items():
        method = make_method(name, Stage2Config(**other))  # type: ignore[arg-type]
        assert type(method) is category
        result = dataclasses.asdict(method)
        assert result == {option: other[option] for option in result}
        requested |= set(result)
    assert requested == set(other)


def test_a_classifier_copied_over_another_is_noticed(base: RunDir) -> None:
    run_stage2(base, _config())
    shutil.copy(base.classifier("last", "crt"), base.classifier("last", "tau"))
    with pytest.raises(RunError, match="was fitted to other stage-one weights, or by another method"):
        _saved(base, "tau")


def test_an_unknown_method_is_told_the_nearest() -> None:
    with pytest.raises(ConfigError) as caught:
        make_method("tua", Stage2Config())
    assert str(caught.value) == f"unknown stage-2 method 'tua'. Did you mean 'tau'? Known: {', '.join(METHODS)}."


def test_all_methods_at_once(base: RunDir) -> None:
    assert run_stage2(base, _config()) == list(ALL_METHODS)
    results = base.read_results()
    assert list(results.stage2["last"]) == list(ALL_METHODS)
    metrics = results.stage1["last"].metrics["test"].keys()
    assert {"top1", "balanced", "per_class", "groups", "macro_f1", "ece", "auc", "intervals"} <= metrics
    for name, entry in results.stage2["last"].items():
        assert entry.settings == dataclasses.asdict(make_method(name, _config()))
        assert entry.seconds >= 0
        for split in ("val", "test"):
            assert entry.metrics[split].keys() == metrics
        assert "train" not in entry.metrics
        assert entry.weight_norms is None if not METHODS[name].has_weight_norms else len(entry.weight_norms or ()) == 10


def test_none_is_stage_one_exactly(base: RunDir) -> None:
    run_stage2(base, _config(method="none"))
    results = base.read_results()
    assert _figures(results.stage2["last"]["none"]) == _figures(results.stage1["last"])
    against = results.stage2["last"]["none"].against_stage1
    assert (against["only_a"], against["only_b"], against["mcnemar_p"], against["top1"]) == (0, 0, 1, 0)


def test_tau_0_with_the_bias_is_stage_one_exactly(base: RunDir) -> None:
    run_stage2(base, _config(method="tau", tau=0.0, keep_bias=True))
    results = base.read_results()
    assert _figures(results.stage2["last"]["tau"]) == _figures(results.stage1["last"])
    classifier, test = load_stage1_classifier(base, "last"), load_features(base, _config())["test"]
    assert torch.equal(_saved(base, "tau").logits(test.features), classifier.logits(test.features))


def test_figures_against_stage_one_agree_with_an_independent_count(base: RunDir) -> None:
    run_stage2(base, _config(method="ncm"))
    test = read_tensors(base.features("last", "test"))[0]
    features, labels = test["features"].double().numpy(), test["labels"].numpy()
    weights = read_tensors(base.weights("last"))[0]
    logits = features @ weights["classifier.weight"].double().numpy().T + weights["classifier.bias"].double().numpy()
    before = logits.argmax(axis=1) == labels
    means = read_tensors(base.classifier("last", "ncm"))[0]["weight"].double().numpy()
    after = (features @ (means / np.linalg.norm(means, axis=1, keepdims=True)).T).argmax(axis=1) == labels
    entry = base.read_results().stage2["last"]["ncm"]
    only_a, only_b = int((after & ~before).sum()), int((before & ~after).sum())
    assert only_a + only_b > 0
    assert (entry.against_stage1["only_a"], entry.against_stage1["only_b"]) == (only_a, only_b)
    assert entry.against_stage1["top1"] == pytest.approx(100 * (after.mean() - before.mean()))
    assert entry.metrics["test"]["top1"] == pytest.approx(100 * after.mean())
    tail = sum(math.comb(only_a + only_b, k) for k in range(min(only_a, only_b) + 1))
    assert entry.against_stage1["mcnemar_p"] == pytest.approx(min(1, 2 * tail / 2 ** (only_a + only_b)))
    low, high = entry.against_stage1["top1_interval"]
    assert low <= entry.against_stage1["top1"] <= high


def test_results_of_other_methods_stay(base: RunDir) -> None:
    run_stage2(base, _config(method="ncm"))
    before = base.read_results()
    run_stage2(base, _config(method="tau", tau=1.0))
    after = base.read_results()
    assert after.stage1 == before.stage1
    assert after.stage2["last"]["ncm"] == before.stage2["last"]["ncm"]
    assert after.stage2["last"]["tau"].selection == SelectionEntry(values={"tau": 1.0}, by="the user")


def test_the_saved_classifier_gives_the_figures_written(base: RunDir) -> None:
    run_stage2(base, _config(method="crt"))
    test = load_features(base, _config())["test"]
    correct = _saved(base, "crt").logits(test.features).argmax(dim=1) == test.labels
    assert base.read_results().stage2["last"]["crt"].metrics["test"]["top1"] == pytest.approx(
        100 * correct.double().mean().item()
    )


def test_no_method_sees_the_test_split(base: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    fitted: list[str] = []

    class Sealed(Features):
        """Raises when touched before the method is fitted."""

        def __getattribute__(self, name: str) -> Any:
            assert fitted, f"{name} of the test split was read before the method was fitted"
            return super().__getattribute__(name)

    @dataclasses.dataclass(frozen=True, kw_only=True)
    class Spy(Unchanged):
        def fit(self, classifier: Classifier, splits: FeatureSplits) -> FitResult:
            assert set(splits) == {"train", "val"}
            fitted.append("spy")
            return super().fit(classifier, splits)

    real = load_features(base, _config())
    test = real["test"]
    sealed = Features(test.features, test.labels)
    object.__setattr__(sealed, "__class__", Sealed)  # sealed after it has checked itself
    monkeypatch.setattr(stage2_run, "load_features", lambda *_: {**real, "test": sealed})
    monkeypatch.setitem(METHODS, "spy", Spy)  # type: ignore[misc]
    run_stage2(base, _config(method="spy"))
    assert fitted == ["spy"]
    for name in METHODS.keys() - {"spy"}:
        fitted.clear()
        method = make_method(name, _config())
        fit = type(method).fit

        def noted(self: Any, classifier: Classifier, splits: FeatureSplits, fit: Any = fit) -> FitResult:
            result: FitResult = fit(self, classifier, splits)
            fitted.append("done")
            return result

        monkeypatch.setattr(type(method), "fit", noted)
        run_stage2(base, _config(method=name))
        assert fitted


def test_the_best_weights(base: RunDir) -> None:
    run_stage2(base, _config(method="ncm"))
    of_last = base.read_stage2("last")
    run_stage2(base, _config(method="ncm", weights="best"))
    run_stage2(base, _config(method="none", weights="best"))
    assert base.read_stage2("last") == of_last
    assert base.read_stage2("best")["none"].metrics["test"] == base.read_results().stage1["best"].metrics["test"]
    assert base.features("best", "train").exists()
    assert _saved(base, "ncm", "last").weight.shape == _saved(base, "ncm", "best").weight.shape  # both are kept


def test_best_weights_that_there_are_none_of(base: RunDir) -> None:
    base.weights("best").unlink()
    with pytest.raises(RunError, match="has no best weights, as it was trained without validation; use weights=last"):
        run_stage2(base, _config(method="none", weights="best"))


def test_weights_without_a_classifier_are_damaged(base: RunDir) -> None:
    base.weights("last").write_bytes(base.features("last", "val").read_bytes())
    with pytest.raises(RunError, match=r"is damaged: .*is not known"):
        load_stage1_classifier(base, "last")


def test_without_validation_what_must_be_chosen_is_chosen_in_folds(
    base: RunDir, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="decouple")
    remaining = {split: result for split, result in load_features(base, _config()).items() if split != "val"}
    monkeypatch.setattr(stage2_run, "load_features", lambda *_: remaining)
    assert run_stage2(base, _config()) == list(ALL_METHODS)
    (remark,) = caplog.messages
    assert remark.startswith("the run has no validation split: hyper-parameters are chosen in 2 folds of the training")
    entries = base.read_results().stage2["last"]
    in_folds = [name for name, entry in entries.items() if "in 2 folds" in str(entry.selection.by)]
    assert set(in_folds) == {"tau", "logit_adjust", "knn"}
    caplog.clear()
    assert run_stage2(base, _config(tau=0.5, k=3)) == list(ALL_METHODS)
    assert caplog.messages == []


def test_what_was_chosen_is_written(base: RunDir) -> None:
    run_stage2(base, _config(method="crt", epochs=(1, 2), lr=(0.001, 0.3), select="tail"))
    entry = base.read_results().stage2["last"]["crt"]
    selection, scores = entry.selection, [score or 0.0 for score in entry.selection.scores]
    assert (selection.selection_metric, selection.split) == ("tail", "val")
    assert selection.candidates == {"epochs": (1, 2), "lr": (0.001, 0.3)}
    best = scores.index(max(scores))
    assert (selection.values["epochs"], selection.values["lr"]) == [(1, 0.001), (1, 0.3), (2, 0.001), (2, 0.3)][best]
    assert (entry.settings["epochs"], entry.settings["lr"]) == (selection.values["epochs"], selection.values["lr"])
    assert entry.metrics["val"]["groups"]["thirds"]["tail"] == pytest.approx(scores[best])
    run_stage2(
        base, _config(method="crt", epochs=selection.values["epochs"], lr=selection.values["lr"])
    )  # it was fitted to training alone
    assert _figures(base.read_results().stage2["last"]["crt"]) == _figures(entry)


def test_folds_fit_to_both_splits_and_leave_no_figures_on_validation(base: RunDir) -> None:
    assert run_stage2(base, _config(folds=2)) == list(ALL_METHODS)
    entries = base.read_results().stage2["last"]
    assert [name for name, entry in entries.items() if "val" in entry.metrics] == ["none"]
    for name in ("tau", "logit_adjust", "knn"):
        assert entries[name].selection.split == "2 folds of train and val"
        assert "fitted again to both together" in str(entries[name].selection.by)
    assert entries["crt"].selection == SelectionEntry(note="fitted to training and validation images together")
    stored = _saved(base, "knn")
    images = base.read_data().images
    assert len(stored.weight) == images["train"] + images["val"]


def test_among_all_a_method_that_does_not_fit_is_left_out(base: RunDir, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="decouple")
    remaining = ["lws", "weight_balance", "las", "disalign"]
    assert run_stage2(base, _config(loss="ldam")) == [name for name in ALL_METHODS if name not in remaining]
    reported = caplog.messages
    assert [line.split(": `loss=ldam` needs cosines")[0] for line in reported] == [
        f"{name} is left out" for name in remaining
    ]
    with pytest.raises(ConfigError, match="needs cosines, and lws keeps"):
        run_stage2(base, _config(method="lws", loss="ldam"))


def test_the_run_is_held_meanwhile(base: RunDir) -> None:
    with base.lock(), pytest.raises(RunError, match="is in use by another process"):
        run_stage2(base, _config(method="none"))


def test_curves_are_means_over_classes_in_percent() -> None:
    recalls = torch.tensor([[1.0, 0.5, 0.0, math.nan], [0.5, 0.5, 0.25, math.nan]], dtype=torch.float64)
    result = curve_by_group(HyperparameterCurve("tau", (0.0, 1.0), recalls), [300, 200, 50, 40])
    assert (result.hyperparameter, result.values) == ("tau", (0.0, 1.0))
    assert result.accuracy == {
        "balanced": (50.0, pytest.approx(125 / 3)),
        "many": (75.0, 50.0),
        "medium": (0.0, 25.0),
        "few": (None, None),
    }


def test_the_curve_of_tau_is_written(base: RunDir) -> None:
    run_stage2(base, _config(method="tau"))
    entry = base.read_results().stage2["last"]["tau"]
    assert entry.curve is not None
    assert len(entry.curve.values) == len(entry.curve.accuracy["balanced"]) == 101
    at = entry.curve.values.index(entry.selection.values["tau"])
    assert entry.curve.accuracy["balanced"][at] == max(value or 0.0 for value in entry.curve.accuracy["balanced"])
    assert entry.curve.accuracy["balanced"][at] == pytest.approx(entry.metrics["val"]["balanced"])
    assert entry.settings == {"tau": None, "keep_bias": False}
    assert isinstance(make_method("tau", _config()), TauNorm)
