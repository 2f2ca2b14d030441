import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from decouple.errors import RunError
from decouple.evaluation.metrics import evaluate
from decouple.files.results import Stage1Entry, record_seeds, record_stage1
from decouple.files.run_dir import RunDir, create_run, find_run, list_runs, require_finished
from decouple.files.run_manifest import FORMAT, write_manifest


def _nothing(_draft: RunDir) -> None:
    pass


def _make(root: Path, name: str | None = None, created: str | None = None) -> RunDir:
    run = create_run(root, name, "digits", _nothing)
    if created is not None:
        write_manifest(run.manifest, dataclasses.replace(run.read_manifest(), created=created))
    return run


def test_runs_are_listed_oldest_first_whatever_their_names(tmp_path: Path) -> None:
    for name, created in [("b", "2024-03-01"), ("c", "2024-01-01"), ("a", "2024-02-01")]:
        _make(tmp_path, name, created)
    assert [run.name for run in list_runs(tmp_path)] == ["c", "a", "b"]


def test_runs_made_one_after_the_other_are_in_that_order(tmp_path: Path) -> None:
    names = ["z", "m", "a", "k"]
    for name in names:
        _make(tmp_path, name)
    assert [run.name for run in list_runs(tmp_path)] == names


def test_junk_is_no_run(tmp_path: Path) -> None:
    good = _make(tmp_path, "good")
    for name, text in [
        ("half", "{"),
        ("list", "[]"),
        ("old", json.dumps({"format": 0})),
        (".new-1234", good.manifest.read_text()),  # what a killed process left, or another is making now
    ]:
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.json").write_text(text)
    (tmp_path / "folder" / "run.json").mkdir(parents=True)
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "run.json").write_text("{}")
    assert [run.name for run in list_runs(tmp_path)] == ["good"]


def test_a_creation_time_that_is_no_text_breaks_no_list(tmp_path: Path) -> None:
    _make(tmp_path, "a")
    other = _make(tmp_path, "b")
    other.manifest.write_text(json.dumps({"format": FORMAT, "created": 5}))
    assert [run.name for run in list_runs(tmp_path)] == ["a"]


def test_no_folder_holds_no_runs(tmp_path: Path) -> None:
    assert list_runs(tmp_path / "none") == []


def test_find_run_by_name_by_path_and_the_latest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "runs"
    older, newer = _make(root, "older", "2024-01-01"), _make(root, "newer", "2024-01-02")
    monkeypatch.chdir(tmp_path)
    assert find_run("older", "runs").path == Path("runs") / "older"
    assert find_run("runs/older", "elsewhere").path == Path("runs/older")
    assert find_run(str(older.path), "elsewhere") == older
    assert find_run(None, str(root)) == newer


def test_a_name_is_looked_for_among_the_runs_even_if_a_folder_here_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _make(tmp_path / "runs", "digits")
    (tmp_path / "digits").mkdir()
    monkeypatch.chdir(tmp_path)
    assert find_run("digits", "runs").path == Path("runs/digits")


def test_a_run_here_is_found_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _make(tmp_path, "mine")
    monkeypatch.chdir(tmp_path)
    assert find_run("mine", "runs").path == Path("mine")


def test_find_run_names_the_nearest_one(tmp_path: Path) -> None:
    _make(tmp_path, "baseline")
    with pytest.raises(RunError, match=r"Did you mean 'baseline'\? `decouple runs` lists them\."):
        find_run("basline", str(tmp_path))


def test_find_run_where_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"there is no run in .*; train one with `decouple stage1`"):
        find_run(None, str(tmp_path))


def test_require_finished(tmp_path: Path) -> None:
    run = _make(tmp_path, "a")
    with pytest.raises(RunError, match=f"no finished stage one; .*--resume --runs {tmp_path} --name a`"):
        require_finished(run)
    run.set_status("failed")
    with pytest.raises(RunError, match="not finite numbers; train again with a lower --lr"):
        require_finished(run)
    run.set_status("finished")
    with pytest.raises(RunError, match=r"last.safetensors is missing; the run folder is not complete"):
        require_finished(run)
    run.weights("last").write_bytes(b"")
    with pytest.raises(RunError, match=r"results.json is missing"):
        require_finished(run)
    record_seeds(run.results, "last", "tau", [])
    with pytest.raises(RunError, match="holds no metrics of stage one"):
        require_finished(run)
    metrics = evaluate(np.eye(3), np.arange(3), [3, 2, 1])
    record_stage1(run.results, "last", Stage1Entry(epoch=1, metrics={"test": metrics}, weight_norms=None))
    assert require_finished(run) == run
