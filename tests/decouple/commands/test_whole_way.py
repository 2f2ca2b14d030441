"""Every command, one after the other, through the entry point, on a small finished run."""

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from decouple.config import from_yaml
from decouple.run_dir import RunDir
from stage1.settings import Stage1Config

Run = Callable[..., Any]

FIGURES = {"class_distribution", "training", "per_class_accuracy", "weight_norms", "confusion_stage_one"}
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
    assert set(results(run)["stage1"]["last"]["test"]) >= METRICS
    assert not (run / "checkpoint.safetensors").exists()
    data = json.loads((run / "data.json").read_text())
    assert data["images"]["test"] == 10 * 20  # half of digits' 40 test images of each class


def test_stage2_all_prints_one_table_and_keeps_every_classifier(decouple: Run, runs: Path) -> None:
    answer = decouple("stage2", "--runs", runs)
    assert answer.code == 0
    rows = [line.split()[0] for line in answer.out.splitlines() if line and line.split()[0] in (
        "stage", "crt", "lws", "tau", "ncm")]  # fmt: skip
    assert rows == ["stage", "crt", "lws", "tau", "ncm"]
    assert all(word in answer.out for word in ("balanced", "many", "medium", "few", "head", "middle", "tail", "ECE"))
    found = results(runs / "base")["stage2"]
    assert set(found) == {"none", "crt", "lws", "tau", "ncm"}
    assert all(set(entry["test"]) >= METRICS for entry in found.values())
    assert found["none"]["test"] == results(runs / "base")["stage1"]["last"]["test"]
    assert {path.stem for path in (runs / "base" / "heads" / "last").iterdir()} == set(found)
    assert "best by balanced accuracy on validation: " in answer.out
    assert (runs / "base" / "figures" / "tau_curve.png").exists()


def test_tau_zero_with_the_bias_is_stage_one_exactly(decouple: Run, runs: Path) -> None:
    assert decouple("stage2", "--method", "tau", "--tau", "0", "--keep-bias", "--runs", runs).code == 0
    found = results(runs / "base")
    assert found["stage2"]["tau"]["test"] == found["stage1"]["last"]["test"]
    head, network = (
        load_file(runs / "base/heads/last/tau.safetensors"),
        load_file(runs / "base/weights/last.safetensors"),
    )
    assert torch.equal(head["weight"], network["classifier.weight"])
    assert torch.equal(head["bias"], network["classifier.bias"])


def test_features_are_computed_once(decouple: Run, runs: Path) -> None:
    cached = runs / "base" / "features" / "last" / "train.safetensors"
    before = cached.stat().st_mtime_ns
    assert decouple("stage2", "--method", "ncm", "--runs", runs).code == 0
    assert cached.stat().st_mtime_ns == before
    assert decouple("stage2", "--method", "ncm", "--refresh-features", "--runs", runs).code == 0
    assert cached.stat().st_mtime_ns > before


def test_stage2_on_the_best_weights(decouple: Run, runs: Path) -> None:
    answer = decouple("stage2", "--method", "none", "--weights", "best", "--runs", runs)
    assert answer.code == 0
    found = results(runs / "base")
    assert found["stage2_best"]["none"]["test"] == found["stage1"]["best"]["test"]
    assert "stage2" not in found


def test_evaluate_repeats_the_recorded_figures(decouple: Run, runs: Path) -> None:
    decouple("stage2", "--method", "tau", "--runs", runs)
    answer = decouple("evaluate", "--method", "tau", "--runs", runs)
    assert answer.code == 0
    recorded = results(runs / "base")["stage2"]["tau"]["test"]
    for name in ("top1", "macro_f1", "g_mean"):
        assert f" {recorded[name]:.2f} " in answer.out
    assert f" {recorded['nll']:.4f} " in answer.out


def test_runs_lists_the_headlines(decouple: Run, runs: Path) -> None:
    decouple("stage2", "--method", "ncm", "--runs", runs)
    answer = decouple("runs", "--runs", runs)
    found = results(runs / "base")
    assert answer.code == 0
    for part in ("base", "finished", "digits", "resnet20", f"{found['stage1']['last']['test']['balanced']:.2f}", "ncm"):
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


def test_tune_weight_decay_retrains_and_stops_there(decouple: Run, runs: Path) -> None:
    words = ("tune", "weight-decay", "--trials", "2", "--epochs", "1", "--runs", runs)
    answer = decouple(*words)
    assert answer.code == 0
    assert "best weight decay:" in answer.out
    found = results(runs / "base")["tuning"]["weight-decay"]
    assert all(1e-5 <= trial["weight_decay"] <= 1e-1 for trial in found["trials"])
    tuned = [path for path in runs.iterdir() if path.name.startswith("base-wd")]
    assert len(tuned) == 1
    settings = from_yaml(Stage1Config, tuned[0] / "config.yaml")
    assert settings.weight_decay == found["best"]
    assert settings.epochs == 2
    images = [json.loads((run / "data.json").read_text())["images"] for run in (runs / "base", tuned[0])]
    assert images[0] == images[1]
    again = decouple(*words)  # the latest run is the tuned one now; the search is still that of its base
    assert again.code == 0
    assert results(runs / "base")["tuning"]["weight-decay"] == found
    assert len(list(runs.iterdir())) == 2


def test_data_prints_the_table_and_draws(decouple: Run, tmp_path: Path) -> None:
    answer = decouple("data", "--figure", tmp_path / "classes.png", "--check-overlap", "--ratio", "10")
    assert answer.code == 0
    assert "imbalance ratio 10" in answer.out
    assert "no two splits share an image" in answer.out
    assert (tmp_path / "classes.png").read_bytes().startswith(b"\x89PNG")


def folder(root: Path, counts: dict[str, int], size: int = 12) -> Path:
    """Write one folder per class of noise around a colour of its own."""
    rng = np.random.default_rng(0)
    for place, (name, count) in enumerate(counts.items()):
        (root / name).mkdir(parents=True)
        for number in range(count):
            noise = rng.integers(0, 60, (size, size + 2, 3), dtype=np.uint8)
            noise[..., place % 3] += 150
            Image.fromarray(noise).save(root / name / f"{number}.png")
    return root


def test_an_own_folder_from_images_to_table(decouple: Run, tmp_path: Path) -> None:
    folder(tmp_path / "moths", {"large": 30, "middle": 12, "small": 5})
    runs = tmp_path / "runs"
    words = (
        "--data",
        "folder",
        "--root",
        tmp_path / "moths",
        "--image-size",
        "12",
        "--epochs",
        "2",
        "--batch-size",
        "8",
    )
    assert decouple("stage1", *words, "--runs", runs).code == 0
    assert decouple("stage2", "--runs", runs).code == 0
    data = json.loads(next(runs.glob("*/data.json")).read_text())
    assert data["class_names"] == ["large", "middle", "small"]
    # test: a fifth of 30, 12, 5 = 6, 2 (2.4), 1; validation: a tenth of the 24, 10, 4 left = 2, 1, 1 (never none)
    assert data["split_counts"] == {"val": [2, 1, 1], "test": [6, 2, 1]}
    assert data["class_counts"] == [22, 9, 3]
    shutil.rmtree(tmp_path / "moths" / "small")
    assert decouple("stage2", "--runs", runs).code == 0  # the cache needs no images
    moved = decouple("evaluate", "--runs", runs)
    assert moved.code == 2
    assert "not those that" in moved.err


def test_a_truncated_image_is_named_and_can_be_skipped(decouple: Run, tmp_path: Path) -> None:
    folder(tmp_path / "moths", {"a": 8, "b": 8})
    broken = tmp_path / "moths" / "b" / "3.png"
    broken.write_bytes(broken.read_bytes()[:60])
    words = ("stage1", "--data", "folder", "--root", tmp_path / "moths", "--epochs", "1", "--runs", tmp_path / "runs")
    refused = decouple(*words)
    assert refused.code == 2
    assert "3.png" in refused.err
    assert "--skip-bad-images" in refused.err
    assert not (tmp_path / "runs").exists()
    went_on = decouple(*words, "--skip-bad-images")
    assert went_on.code == 0
    assert "could not be read and were left out: 1" in went_on.out


@pytest.mark.parametrize("damage", ["other weights", "truncated", "swapped splits"])
def test_features_that_do_not_belong_are_refused(decouple: Run, runs: Path, damage: str) -> None:
    cache = runs / "base" / "features" / "last"
    if damage == "other weights":
        shutil.copy(runs / "base/weights/best.safetensors", runs / "base/weights/last.safetensors")
        with (runs / "base/weights/last.safetensors").open("r+b") as opened:  # one bit, in the last weight
            opened.seek(-1, 2)
            byte = opened.read(1)[0]
            opened.seek(-1, 2)
            opened.write(bytes([byte ^ 1]))
    elif damage == "truncated":
        (cache / "val.safetensors").write_bytes((cache / "val.safetensors").read_bytes()[:200])
    else:
        shutil.copy(cache / "val.safetensors", cache / "test.safetensors")
    before = (runs / "base" / "results.json").read_bytes()
    answer = decouple("stage2", "--method", "tau", "--runs", runs)
    assert answer.code == 2
    assert "--refresh-features" in answer.err
    assert (runs / "base" / "results.json").read_bytes() == before
    assert decouple("stage2", "--method", "tau", "--refresh-features", "--runs", runs).code == 0


def test_a_run_of_another_version_is_refused(decouple: Run, runs: Path) -> None:
    manifest = runs / "base" / "run.json"
    manifest.write_text(manifest.read_text().replace('"format": 1', '"format": 99'))
    answer = decouple("stage2", "--run", runs / "base")
    assert answer.code == 2
    assert "has format 99, this version of decouple reads format 1" in answer.err


def test_a_run_without_stage_one_is_refused(decouple: Run, runs: Path) -> None:
    RunDir(runs / "base").set_status("interrupted")
    for words in (("stage2",), ("tune", "tau"), ("tune", "weight-decay"), ("evaluate",)):
        answer = decouple(*words, "--runs", runs)
        assert answer.code == 2
        assert "has no finished stage one" in answer.err


def test_resume_with_changed_settings_is_refused(decouple: Run, runs: Path) -> None:
    RunDir(runs / "base").set_status("interrupted")
    answer = decouple("stage1", "--resume", "--lr", "0.7", "--runs", runs)
    assert answer.code == 2
    assert "lr is" in answer.err
    assert "0.7 was given" in answer.err


def test_a_name_is_taken_once(decouple: Run, runs: Path) -> None:
    answer = decouple("stage1", "--fraction", "0.5", "--epochs", "1", "--name", "base", "--runs", runs)
    assert answer.code == 2
    assert "exists already" in answer.err


def test_no_validation_split_means_no_choice_of_tau(decouple: Run, tmp_path: Path) -> None:
    folder(tmp_path / "moths", {"a": 8, "b": 8})
    runs = tmp_path / "runs"
    words = (
        "--data",
        "folder",
        "--root",
        tmp_path / "moths",
        "--image-size",
        "12",
        "--epochs",
        "1",
        "--val-fraction",
        "0",
    )
    assert decouple("stage1", *words, "--runs", runs).code == 0
    answer = decouple("stage2", "--method", "tau", "--runs", runs)
    assert answer.code == 2
    assert "validation split" in answer.err
    assert decouple("stage2", "--method", "tau", "--tau", "1", "--runs", runs).code == 0
    everything = decouple("stage2", "--runs", runs)
    assert everything.code == 0
    assert "tau is left out" in everything.out


def test_a_run_that_is_not_whole_is_said_before_any_work(decouple: Run, runs: Path) -> None:
    (runs / "base" / "results.json").write_text('{"stage1": 3}')
    for words in (("stage2", "--method", "ncm"), ("tune", "tau"), ("evaluate",)):
        answer = decouple(*words, "--runs", runs)
        assert answer.code == 2
        assert "is damaged: it holds no figures of stage one" in answer.err
    (runs / "base" / "results.json").unlink()
    assert "results.json is missing" in decouple("stage2", "--runs", runs).err
    (runs / "base" / "weights" / "last.safetensors").unlink()
    assert "last.safetensors is missing" in decouple("evaluate", "--runs", runs).err


def test_a_failed_run_is_not_offered_for_resuming(decouple: Run, runs: Path) -> None:
    RunDir(runs / "base").set_status("failed")
    answer = decouple("stage2", "--runs", runs)
    assert answer.code == 2
    assert "not a finite number; train again with a lower --lr" in answer.err
    assert "--resume" not in answer.err


def test_one_damaged_run_hides_no_other(decouple: Run, runs: Path) -> None:
    shutil.copytree(runs / "base", runs / "broken")
    (runs / "broken" / "results.json").write_text("{")
    answer = decouple("runs", "--runs", runs)
    assert answer.code == 0
    assert "damaged" in answer.out
    assert "finished" in answer.out
    assert "broken" in answer.err


def test_what_a_killed_process_half_wrote_is_removed(decouple: Run, runs: Path) -> None:
    leftover = runs / "base" / "figures" / ".methods.png.12.part"
    leftover.write_bytes(b"half")
    assert decouple("stage2", "--method", "ncm", "--runs", runs).code == 0
    assert not leftover.exists()
