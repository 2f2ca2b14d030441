from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from decouple.classifier import Classifier
from decouple.errors import ConfigError, DataError, DecoupleError, RunError
from decouple.files.run_checks import require_finished
from decouple.files.run_dir import RunDir
from decouple.files.run_manifest import FEATURES
from stage2.candidates import make_method
from stage2.external_features import start_features_run, temporary_run
from stage2.feature_cache import load_features, load_stage1_classifier
from stage2.methods import ALL_METHODS, METHODS
from stage2.run_methods import run_stage2
from stage2.settings import Stage2Config

CENTRES = np.array([[2.0, 0.0], [-1.0, 1.7], [-1.0, -1.7]], dtype=np.float32)


def _write(path: Path, counts: list[int], seed: int, names: tuple[str, ...] = (), **more: Any) -> str:
    """Write three clouds of points around `CENTRES`."""
    rng, labels = np.random.default_rng(seed), np.repeat(np.arange(3), counts)
    rows = (CENTRES[labels] + rng.normal(size=(len(labels), 2))).astype(np.float32)
    np.savez(path, features=rows, labels=np.array(names)[labels] if names else labels, **more)
    return str(path)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    return {
        "features": _write(tmp_path / "train.npz", [120, 30, 9], 0),
        "val_features": _write(tmp_path / "val.npz", [20, 20, 20], 1),
        "test_features": _write(tmp_path / "test.npz", [40, 40, 40], 2),
    }


def _config(files: dict[str, str], runs: Path, **settings: Any) -> Stage2Config:
    return Stage2Config(**{"runs": str(runs), "device": "cpu", "epochs": 3, **files, **settings})


def test_a_file_cannot_train_and_judge(files: dict[str, str], tmp_path: Path) -> None:
    for split in ("val_features", "test_features"):
        with pytest.raises(ConfigError, match="must be different files"):
            _config({**files, split: str(tmp_path / "x" / ".." / "train.npz")}, tmp_path / "runs")


def _arrays(path: str) -> tuple[Any, Any]:
    with np.load(path) as opened:
        return opened["features"], opened["labels"]


def test_the_run_is_like_any_other(files: dict[str, str], tmp_path: Path) -> None:
    run = require_finished(start_features_run(_config(files, tmp_path / "runs")))
    assert run.name == "train-features-1"
    assert run.read_manifest().kind == FEATURES
    data = run.read_data()
    assert data.class_names == ("0", "1", "2")
    assert data.class_counts == data.group_counts == (120, 30, 9)
    assert data.images == {"train": 159, "val": 60, "test": 120}
    assert data.groups == {"many": (0,), "medium": (1,), "few": (2,)}
    result = load_features(run, Stage2Config(device="cpu"))
    for split, name in (("train", "features"), ("val", "val_features"), ("test", "test_features")):
        rows, labels = _arrays(files[name])
        assert torch.equal(result[split].features, torch.from_numpy(rows))
        assert result[split].labels.tolist() == labels.tolist()
    assert run.read_results().stage1["last"].metrics.keys() == {"val", "test"}


def test_without_a_classifier_all_is_what_needs_none(
    files: dict[str, str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="decouple")
    config = _config(files, tmp_path / "runs")
    run = start_features_run(config)
    needy = [name for name in ALL_METHODS if METHODS[name].needs_classifier]
    assert set(run_stage2(run, config)) == set(ALL_METHODS) - set(needy)
    (line,) = [line for line in caplog.messages if line.startswith("left out")]
    assert line.startswith(f"left out: {', '.join(needy)}: they need stage one's classifier, and ")
    results = run.read_results()
    assert (
        results.stage2["last"]["crt"].metrics["test"]["balanced"] > results.stage1["last"].metrics["test"]["balanced"]
    )
    for name in ("none", "tau", "lws"):
        with pytest.raises(ConfigError, match=f"^{name} needs stage one's classifier, .* with features and weight$"):
            run_stage2(run, Stage2Config(method=name, device="cpu"))


def test_methods_that_need_no_classifier_read_none(files: dict[str, str], tmp_path: Path) -> None:
    splits = load_features(start_features_run(_config(files, tmp_path / "runs")), Stage2Config(device="cpu"))
    observed = {split: splits[split] for split in ("train", "val")}
    for name in [name for name in METHODS if not METHODS[name].needs_classifier]:
        method = make_method(name, Stage2Config(epochs=1, k=3))
        classifiers = [
            method.fit(Classifier("linear", weight, weight[:, 0]), observed).classifier
            for weight in (torch.zeros(3, 2), torch.tensor([[9.0, -4.0], [2.0, 0.5], [-7.0, 3.0]]))
        ]
        test = splits["test"].features
        assert torch.equal(classifiers[0].logits(test), classifiers[1].logits(test)), name


def test_a_classifier_that_is_given_is_stage_one(files: dict[str, str], tmp_path: Path) -> None:
    np.savez(tmp_path / "head.npz", weight=CENTRES, bias=np.array([1.0, 0.0, -1.0]))
    config = _config(files, tmp_path / "runs", weight=str(tmp_path / "head.npz"))
    run = start_features_run(config)
    classifier = load_stage1_classifier(run, "last")
    assert classifier.kind == "linear"
    assert classifier.weight.tolist() == CENTRES.tolist()
    rows, labels = _arrays(files["test_features"])
    correct = ((rows @ CENTRES.T + [1, 0, -1]).argmax(axis=1) == labels).mean()
    assert run.read_results().stage1["last"].metrics["test"]["top1"] == pytest.approx(100 * correct)
    assert set(run_stage2(run, config)) == set(ALL_METHODS)
    np.savez(tmp_path / "head.npz", weight=CENTRES)
    start_features_run(config)
    without = load_stage1_classifier(RunDir(tmp_path / "runs" / "train-features-2"), "last")
    assert (without.kind, without.bias) == ("linear", None)


def test_a_share_of_each_class_is_held_out(files: dict[str, str], tmp_path: Path) -> None:
    only = {"features": files["features"]}
    run = start_features_run(_config(only, tmp_path / "runs"))
    data = run.read_data()
    # Of 120, 30 and 9 rows a fifth goes to the test split: 24, 6, 2. Of 96, 24, 7 a tenth to validation: 10, 2, 1.
    assert data.split_counts == {"val": (10, 2, 1), "test": (24, 6, 2)}
    assert data.group_counts == (96, 24, 7)
    assert data.class_counts == (86, 22, 6)
    result = load_features(run, Stage2Config(device="cpu"))
    every = torch.cat([entry.features for entry in result.values()])
    assert every.unique(dim=0).shape == (159, 2)  # no row is in two splits
    rows, labels = _arrays(files["features"])
    known = {tuple(row): label for row, label in zip(rows.tolist(), labels.tolist(), strict=True)}
    for entry in result.values():
        assert [known[tuple(row)] for row in entry.features.tolist()] == entry.labels.tolist()
    assert "val" not in start_features_run(_config(only, tmp_path / "runs", val_fraction=0.0)).read_data().images


def test_names_become_classes_in_alphabetical_order(tmp_path: Path) -> None:
    arguments = ("owl", "ant", "cat")
    files = {"features": _write(tmp_path / "a.npz", [20, 10, 5], 0, arguments)}
    files["test_features"] = _write(tmp_path / "b.npz", [4, 5, 6], 1, arguments)
    run = start_features_run(_config(files, tmp_path / "runs"))
    assert run.read_data().class_names == ("ant", "cat", "owl")
    assert run.read_data().group_counts == (10, 5, 20)
    assert run.read_data().split_counts["test"] == (5, 6, 4)


def test_float16_is_stored_and_the_classifier_is_trained_on_it(files: dict[str, str], tmp_path: Path) -> None:
    run = start_features_run(_config(files, tmp_path / "runs", feature_precision="float16"))
    result = load_features(run, Stage2Config(device="cpu"))["train"]
    assert result.stored.dtype == torch.float16
    assert torch.equal(result.stored, torch.from_numpy(_arrays(files["features"])[0]).half())


def test_a_damaged_cache_is_refused_as_there_is_nothing_to_make_it_of(files: dict[str, str], tmp_path: Path) -> None:
    run = start_features_run(_config(files, tmp_path / "runs"))
    path = run.features("last", "test")
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(RunError, match=r"test\.safetensors is damaged .* cannot be made again: .*of features alone"):
        load_features(run, Stage2Config(device="cpu"))


def _wrong(tmp_path: Path) -> dict[str, tuple[dict[str, Any], str]]:
    good = _write(tmp_path / "good.npz", [6, 5, 4], 0)
    wide = tmp_path / "wide.npz"
    np.savez(wide, features=np.zeros((3, 5)), labels=[0, 1, 2])
    ones = _write(tmp_path / "ones.npz", [1, 1, 1], 0)
    huge, below = tmp_path / "huge.npz", tmp_path / "below.npz"
    np.savez(huge, features=np.zeros((3, 2)), labels=[0, 1, 10**12])
    np.savez(below, features=np.zeros((3, 2)), labels=[0, 1, -1])
    return {
        "huge": ({"features": str(huge)}, r"class '2' has no row in .*huge\.npz, whose largest label is 10{12};"),
        "below": ({"features": str(below)}, r"below\.npz has the label -1; labels are whole numbers from 0, or names"),
        "width": ({"test_features": str(wide)}, r"wide\.npz has features of width 5, .*good\.npz of 2"),
        "gap": ({"features": _write(tmp_path / "gap.npz", [5, 0, 4], 0)}, r"class '1' has no row in .*gap\.npz"),
        "one": ({"features": _write(tmp_path / "one.npz", [5, 0, 0], 0)}, r"one\.npz must have 2 classes or more"),
        "few": (
            {"features": _write(tmp_path / "few.npz", [5, 5, 0], 0), "test_features": good},
            r"good\.npz has the label '2', which is none of the 2 classes of .*few\.npz",
        ),
        "mixed": (
            {"val_features": _write(tmp_path / "words.npz", [2, 2, 2], 0, ("a", "b", "c"))},
            "labels are names in one of .*, and numbers in the other",
        ),
        "single": ({"features": ones}, "no row can be held out for testing, as every class has only one"),
        "head": ({"weight": str(wide)}, r"with 'weight' of shape"),
        "missing": ({"val_features": str(tmp_path / "none.npz")}, r"there is no file .*none\.npz"),
    }


@pytest.mark.parametrize("case", ["huge", "below", "width", "gap", "one", "few", "mixed", "single", "head", "missing"])
def test_files_that_do_not_go_together_leave_no_run(tmp_path: Path, case: str) -> None:
    settings, message = _wrong(tmp_path)[case]
    with pytest.raises(DataError, match=message):
        start_features_run(_config({"features": str(tmp_path / "good.npz"), **settings}, tmp_path / "runs"))
    assert not (tmp_path / "runs").exists()


def test_a_classifier_of_another_shape_is_refused(files: dict[str, str], tmp_path: Path) -> None:
    np.savez(tmp_path / "head.npz", weight=np.zeros((4, 2)))
    with pytest.raises(DataError, match=r"'weight' must have shape \(3, 2\) as the features do, got \(4, 2\)"):
        start_features_run(_config(files, tmp_path / "runs", weight=str(tmp_path / "head.npz")))


def test_a_name_that_is_taken_cannot_be_resumed(files: dict[str, str], tmp_path: Path) -> None:
    start_features_run(_config(files, tmp_path / "runs", name="a"))
    with pytest.raises(RunError, match=r"exists already; choose another name$"):
        start_features_run(_config(files, tmp_path / "runs", name="a"))


def test_a_run_whose_first_use_fails_goes_again(files: dict[str, str], tmp_path: Path) -> None:
    config = _config(files, tmp_path / "runs", method="crt", loss="cee")
    with pytest.raises(DecoupleError, match="unknown loss 'cee'"), temporary_run(config) as run:
        run_stage2(run, config)
    assert not list((tmp_path / "runs").glob("*/run.json"))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"val_features": "a.npz"}, "val_features has no meaning without features"),
        ({"weight": "a.npz"}, "weight has no meaning without features"),
        ({"features": "a.npz", "views": 4}, "features makes a run of its own, without images"),
        ({"features": "a.npz", "run": "base"}, "features makes a run of its own"),
        ({"features": "a.npz", "refresh_features": True}, "features makes a run of its own"),
        ({"val_fraction": 1.0}, r"val_fraction must be 0 or more and below 1, got 1\.0"),
        ({"test_fraction": 0.0}, r"test_fraction must be above 0 and below 1, got 0\.0"),
    ],
)
def test_options_that_make_no_sense(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Stage2Config(**settings)


def test_a_classifier_for_comparison_alone_is_not_recommended(tmp_path: Path, decouple: Any) -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], [60, 20])
    np.savez(tmp_path / "f.npz", features=rng.normal(labels[:, None], 1, (80, 3)).astype(np.float32), labels=labels)
    answer = decouple("stage2", "--features", tmp_path / "f.npz", "--runs", tmp_path / "r", "--epochs", "1")
    assert answer.code == 0
    (run,) = (tmp_path / "r").iterdir()
    recommended = RunDir(run).read_results().recommended
    assert recommended is not None
    assert recommended.method != "none"
