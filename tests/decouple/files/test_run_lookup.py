import json
from collections.abc import Callable
from pathlib import Path

import pytest

from decouple.errors import RunError
from decouple.files.fit_record import FitRecord, write_fit
from decouple.files.run_dir import RunDir
from decouple.files.run_lookup import find_run, list_damaged_runs, list_runs, open_run
from decouple.files.run_manifest import FORMAT

MakeRun = Callable[..., RunDir]


def test_runs_are_listed_oldest_first_whatever_their_names(tmp_path: Path, make_run: MakeRun) -> None:
    for name, created in [("b", "2024-03-01"), ("c", "2024-01-01"), ("a", "2024-02-01")]:
        make_run(tmp_path, name, created)
    assert [run.name for run in list_runs(tmp_path)] == ["c", "a", "b"]


def test_runs_made_one_after_the_other_are_in_that_order(tmp_path: Path, make_run: MakeRun) -> None:
    names = ["z", "m", "a", "k"]
    for name in names:
        make_run(tmp_path, name)
    assert [run.name for run in list_runs(tmp_path)] == names


def test_junk_is_no_run(tmp_path: Path, make_run: MakeRun) -> None:
    good = make_run(tmp_path, "good")
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


def test_a_creation_time_that_is_no_text_breaks_no_list(tmp_path: Path, make_run: MakeRun) -> None:
    make_run(tmp_path, "a")
    other = make_run(tmp_path, "b")
    other.manifest.write_text(json.dumps({"format": FORMAT, "created": 5}))
    assert [run.name for run in list_runs(tmp_path)] == ["a"]


def test_no_folder_holds_no_runs(tmp_path: Path) -> None:
    assert list_runs(tmp_path / "none") == []


def test_find_run_by_name_by_path_and_the_latest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_run: MakeRun
) -> None:
    root = tmp_path / "runs"
    older, newer = make_run(root, "older", "2024-01-01"), make_run(root, "newer", "2024-01-02")
    monkeypatch.chdir(tmp_path)
    assert find_run("older", "runs").path == Path("runs") / "older"
    assert find_run("runs/older", "elsewhere").path == Path("runs/older")
    assert find_run(str(older.path), "elsewhere") == older
    assert find_run(None, str(root)) == newer


def test_a_name_is_looked_for_among_the_runs_even_if_a_folder_here_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_run: MakeRun
) -> None:
    make_run(tmp_path / "runs", "digits")
    (tmp_path / "digits").mkdir()
    monkeypatch.chdir(tmp_path)
    assert find_run("digits", "runs").path == Path("runs/digits")


def test_a_run_here_is_found_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_run: MakeRun) -> None:
    make_run(tmp_path, "mine")
    monkeypatch.chdir(tmp_path)
    assert find_run("mine", "runs").path == Path("mine")


def test_find_run_names_the_nearest_one(tmp_path: Path, make_run: MakeRun) -> None:
    make_run(tmp_path, "baseline")
    with pytest.raises(RunError, match=r"Did you mean 'baseline'\? `decouple runs` lists them\."):
        find_run("basline", str(tmp_path))


def test_find_run_where_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"there is no run in .*; train one with `decouple stage1`"):
        find_run(None, str(tmp_path))


def test_open_run_refuses_another_format(tmp_path: Path, make_run: MakeRun) -> None:
    run = make_run(tmp_path, "a")
    run.manifest.write_text(run.manifest.read_text().replace('"format": 2', '"format": 99'))
    with pytest.raises(RunError, match=r"has format 99, this version of decouple reads format 2; use the version"):
        open_run(run.path)


def test_open_run_names_the_nearest_one(tmp_path: Path, make_run: MakeRun) -> None:
    make_run(tmp_path, "baseline")
    with pytest.raises(RunError, match=r"there is no run folder .*/basline\. Did you mean 'baseline'\?"):
        open_run(tmp_path / "basline")


def test_open_run_refuses_a_folder_without_manifest(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"is not a run folder: it has no run\.json"):
        open_run(tmp_path)


@pytest.mark.parametrize("text", ["{half", "[1]", "", "\x00"])
def test_a_damaged_manifest(text: str, tmp_path: Path, make_run: MakeRun) -> None:
    run = make_run(tmp_path, "a")
    run.manifest.write_text(text)
    with pytest.raises(RunError, match=r"run\.json is damaged"):
        open_run(run.path)


def test_damaged_runs_are_listed_apart(tmp_path: Path, make_run: MakeRun) -> None:
    make_run(tmp_path, "good")
    (make_run(tmp_path, "no manifest").path / "weights" / "last.safetensors").write_bytes(b"")
    (tmp_path / "no manifest" / "run.json").unlink()
    make_run(tmp_path, "broken").manifest.write_text("{")
    make_run(tmp_path, "empty").manifest.write_text("{}")
    manifest = make_run(tmp_path, "a folder").manifest
    manifest.unlink()
    manifest.mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "file").touch()
    assert [run.name for run in list_runs(tmp_path)] == ["good"]
    damaged = {run.path.name: run.reason for run in list_damaged_runs(tmp_path)}
    assert list(damaged) == ["a folder", "broken", "empty", "no manifest"]
    assert "run.json is damaged" in damaged["broken"]
    assert "'format' is missing" in damaged["empty"]
    assert "run.json is missing" in damaged["no manifest"]
    assert find_run(None, str(tmp_path)).name == "good"


def test_a_fit_that_was_moved_without_its_run(tmp_path: Path) -> None:
    (tmp_path / "moths").mkdir()
    write_fit(tmp_path / "moths", FitRecord(images="moths/", runs=("moths-frozen",), recommended="moths-frozen"))
    with pytest.raises(RunError, match="moths-frozen is missing; where the fit was moved, move moths-frozen along"):
        find_run(str(tmp_path / "moths"), "runs")
