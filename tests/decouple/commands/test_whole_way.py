"""Every command, one after the other, through the entry point, on a small finished run."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from decouple.config.settings_yaml import from_yaml
from stage1.settings import Stage1Config
from stage2.methods import ALL_METHODS

Run = Callable[..., Any]

FIGURES = {
    "class_distribution",
    "training",
    "per_class_accuracy",
    "weight_norms",
    "confusion",
    "feature_norms_by_class",
}
METRICS = {
    "top1", "top5", "balanced", "per_class", "groups", "macro_f1", "weighted_f1", "g_mean", "ece", "nll", "auc",
    "confusion", "intervals",
}  # fmt: skip


def results(run: Path) -> dict[str, Any]:
    return dict(json.loads((run / "results.json").read_text()))


def test_stage1_leaves_all_that_a_run_folder_promises(runs: Path) -> None:
    run = runs / "base"
    assert from_yaml(Stage1Config, run / "config.yaml").epochs == 2
    environment = json.loads((run / "environment.json").read_text())
    assert environment["packages"]["torch"] == torch.__version__.split("+")[0]
    with (run / "history.csv").open() as opened:
        assert [row["epoch"] for row in csv.DictReader(opened)] == ["1", "2"]
    assert {path.stem for path in (run / "weights").iterdir()} == {"last", "best"}
    assert {path.stem for path in (run / "features" / "last").iterdir()} == {"train", "val", "test"}
    assert {path.stem for path in (run / "figures").iterdir()} >= FIGURES
    assert set(results(run)["stage1"]["last"]["metrics"]["test"]) >= METRICS
    assert not (run / "checkpoint.safetensors").exists()
    data = json.loads((run / "data.json").read_text())
    assert data["images"]["test"] == 10 * 20  # half of digits' 40 test images of each class


def test_stage2_all_prints_one_table_and_keeps_every_classifier(decouple: Run, runs: Path) -> None:
    answer = decouple("stage2", "--runs", runs)
    assert answer.code == 0
    names = [name for name in ALL_METHODS if name != "none"]
    rows = [line.split()[0] for line in answer.out.splitlines() if line and line.split()[0] in ("stage", *names)]
    assert rows == ["stage", *names]
    assert all(word in answer.out for word in ("balanced", "many", "medium", "few", "head", "middle", "tail", "ECE"))
    result = results(runs / "base")["stage2"]["last"]
    assert set(result) == set(ALL_METHODS)
    assert all(set(entry["metrics"]["test"]) >= METRICS for entry in result.values())
    assert result["none"]["metrics"]["test"] == results(runs / "base")["stage1"]["last"]["metrics"]["test"]
    assert {path.stem for path in (runs / "base" / "classifiers" / "last").iterdir()} == set(result)
    assert "best by balanced accuracy on validation: " in answer.out
    drawn = {path.stem for path in (runs / "base" / "figures").glob("*_curve.png")}
    assert drawn == {"tau_curve", "logit_adjust_curve", "knn_curve"}
    assert not (runs / "base" / "figures" / "confusions").exists()
    assert decouple("stage2", "--method", "knn", "--k", "5", "--figures", "all", "--runs", runs).code == 0
    drawer = runs / "base" / "figures" / "confusions"
    assert {path.name for path in drawer.iterdir()} == {
        f"{name}.{ending}" for name in ("stage_one", "knn") for ending in ("png", "svg")
    }
    assert not (runs / "base" / "figures" / "knn_curve.png").exists()  # it would show a choice that nobody made


@pytest.mark.usefixtures("no_figures")
def test_tau_zero_with_the_bias_is_stage_one_exactly(decouple: Run, runs: Path) -> None:
    assert decouple("stage2", "--method", "tau", "--tau", "0", "--keep-bias", "--runs", runs).code == 0
    result = results(runs / "base")
    assert result["stage2"]["last"]["tau"]["metrics"]["test"] == result["stage1"]["last"]["metrics"]["test"]
    classifier, network = (
        load_file(runs / "base/classifiers/last/tau.safetensors"),
        load_file(runs / "base/weights/last.safetensors"),
    )
    assert torch.equal(classifier["weight"], network["classifier.weight"])
    assert torch.equal(classifier["bias"], network["classifier.bias"])


@pytest.mark.usefixtures("no_figures")
def test_features_are_computed_once(decouple: Run, runs: Path) -> None:
    cached = runs / "base" / "features" / "last" / "train.safetensors"
    before = cached.stat().st_mtime_ns
    assert decouple("stage2", "--method", "ncm", "--runs", runs).code == 0
    assert cached.stat().st_mtime_ns == before
    assert decouple("stage2", "--method", "ncm", "--refresh-features", "--runs", runs).code == 0
    assert cached.stat().st_mtime_ns > before


@pytest.mark.usefixtures("no_figures")
def test_stage2_on_the_best_weights(decouple: Run, runs: Path) -> None:
    answer = decouple("stage2", "--method", "none", "--weights", "best", "--runs", runs)
    assert answer.code == 0
    result = results(runs / "base")
    assert result["stage2"]["best"]["none"]["metrics"]["test"] == result["stage1"]["best"]["metrics"]["test"]
    assert set(result["stage2"]) == {"best"}


@pytest.mark.usefixtures("no_figures")
def test_evaluate_repeats_the_recorded_figures(decouple: Run, runs: Path) -> None:
    decouple("stage2", "--method", "tau", "--runs", runs)
    answer = decouple("evaluate", "--method", "tau", "--runs", runs)
    assert answer.code == 0
    recorded = results(runs / "base")["stage2"]["last"]["tau"]["metrics"]["test"]
    for name in ("top1", "macro_f1", "g_mean"):
        assert f" {recorded[name]:.2f} " in answer.out
    assert f" {recorded['nll']:.4f} " in answer.out


@pytest.mark.usefixtures("no_figures")
def test_runs_lists_the_headlines(decouple: Run, runs: Path) -> None:
    decouple("stage2", "--method", "ncm", "--runs", runs)
    answer = decouple("runs", "--runs", runs)
    result = results(runs / "base")
    assert answer.code == 0
    for part in (
        "base",
        "finished",
        "digits",
        "resnet20",
        f"{result['stage1']['last']['metrics']['test']['balanced']:.2f}",
        "ncm",
    ):
        assert part in answer.out
    assert decouple("runs", "--runs", runs / "none").code == 0


def test_tune_tau_goes_on_where_it_stopped(decouple: Run, runs: Path) -> None:
    assert decouple("tune", "tau", "--trials", "3", "--runs", runs).code == 0
    first = results(runs / "base")["tuning"]["tau"]["trials"]
    answer = decouple("tune", "tau", "--trials", "5", "--runs", runs)
    assert answer.code == 0
    assert "best tau:" in answer.out
    trials = results(runs / "base")["tuning"]["tau"]["trials"]
    assert len(first) == 3
    assert trials[:3] == first
    assert len(trials) == 5
    assert (runs / "base" / "figures" / "tuning_tau.png").exists()
    assert (runs / "base" / "tuning" / "tau.db").exists()


@pytest.mark.usefixtures("no_figures")
def test_tune_weight_decay_retrains_and_stops_there(decouple: Run, runs: Path) -> None:
    arguments = ("tune", "weight-decay", "--trials", "2", "--epochs", "1", "--runs", runs)
    answer = decouple(*arguments)
    assert answer.code == 0
    assert "best weight decay:" in answer.out
    result = results(runs / "base")["tuning"]["weight-decay"]
    assert all(1e-5 <= trial["values"]["weight_decay"] <= 1e-1 for trial in result["trials"])
    tuned = [path for path in runs.iterdir() if path.name.startswith("base-wd")]
    assert len(tuned) == 1
    settings = from_yaml(Stage1Config, tuned[0] / "config.yaml")
    assert settings.weight_decay == result["best"]["weight_decay"]
    assert settings.epochs == 2
    images = [json.loads((run / "data.json").read_text())["images"] for run in (runs / "base", tuned[0])]
    assert images[0] == images[1]
    again = decouple(*arguments)  # the latest run is the tuned one now; the search is still that of its base
    assert again.code == 0
    assert results(runs / "base")["tuning"]["weight-decay"] == result
    assert len(list(runs.iterdir())) == 2


@pytest.mark.usefixtures("no_figures")
def test_tune_stage2_names_what_it_chose(decouple: Run, runs: Path) -> None:
    answer = decouple("tune", "stage2", "--runs", runs, "--trials", "3", "--samplers", "class", "sqrt")
    assert answer.code == 0, answer.err
    chosen = results(runs / "base")["stage2"]["last"]["crt"]["selection"]["values"]
    assert f"sampler {chosen['sampler']}" in answer.out
    assert f"lr {chosen['lr']:.4g}" in answer.out


@pytest.mark.usefixtures("no_figures")
def test_tune_joint_runs_through_its_command(decouple: Run, runs: Path) -> None:
    answer = decouple("tune", "joint", "--runs", runs, "--trials", "2", "--epochs", "1", "--no-retrain")
    assert answer.code == 0, answer.err
    assert "best weight decay" in answer.out


def test_tune_joint_hands_the_best_trials_method_to_stage_two(decouple: Run, runs: Path) -> None:
    arguments = ("tune", "joint", "--runs", runs, "--trials", "2", "--epochs", "1", "--methods", "tau", "ncm")
    answer = decouple(*arguments)
    assert answer.code == 0, answer.err
    result = results(runs / "base")["tuning"]["joint"]
    assert {trial["values"]["method"] for trial in result["trials"]} <= {"tau", "ncm"}
    method = result["best"]["method"]
    assert f"best method: {method}" in answer.out
    assert answer.out.splitlines()[0].split()[:4] == ["trial", "weight_decay", "lr", "method"]
    (tuned,) = runs.glob("base-lr*")
    assert set(results(tuned)["stage2"]["last"]) == {method}
    drawn = {path.stem for path in (runs / "base" / "figures").glob("tuning_joint*")}
    assert drawn == {"tuning_joint", "tuning_joint_slices", "tuning_joint_contours"}


def test_names_of_stage_two_are_checked_before_a_search_trains(decouple: Run, runs: Path) -> None:
    for arguments, message in (
        (("joint", "--methods", "tau", "nmc"), "unknown stage-2 method 'nmc'. Did you mean 'ncm'?"),
        (("joint", "--stage2", "lsw"), "unknown stage-2 method 'lsw'. Did you mean 'lws'?"),
        (("weight-decay", "--stage2", "best"), "unknown stage-2 method 'best'."),
    ):
        answer = decouple("tune", *arguments, "--runs", runs)
        assert (answer.code, "tuning" in results(runs / "base")) == (2, False)
        assert message in answer.err


@pytest.mark.parametrize(("ending", "start"), [("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_data_prints_the_table_and_draws(decouple: Run, tmp_path: Path, ending: str, start: bytes) -> None:
    figure = tmp_path / f"classes.{ending}"
    answer = decouple("data", "--figure", figure, "--check-overlap", "--ratio", "10")
    assert answer.code == 0
    assert "imbalance ratio 10" in answer.out
    assert "no two splits share an image" in answer.out
    assert figure.read_bytes().startswith(start)


def test_data_refuses_another_format_before_it_reads(decouple: Run, tmp_path: Path) -> None:
    answer = decouple("data", "--figure", tmp_path / "classes.tiff")
    assert answer.code == 2
    assert "--figure must end in .png, .svg or .pdf, got" in answer.err
