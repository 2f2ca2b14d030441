import dataclasses
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from decouple.errors import RunError
from decouple.files.json_records import read_json
from decouple.files.results import Results, SeedEntry, record_seeds
from decouple.files.run_dir import RunDir, create_run, list_runs, open_run
from decouple.files.run_manifest import FORMAT, INTERRUPTED, TRAINING, write_manifest

HOLD_THE_LOCK = """
import pathlib, sys
from decouple.files.run_dir import RunDir
with RunDir(pathlib.Path(sys.argv[1])).lock():
    print("held", flush=True)
    sys.stdin.readline()
"""
CREATE_TEN = """
import pathlib, sys
from decouple.files.run_dir import create_run
for _ in range(10):
    print(create_run(pathlib.Path(sys.argv[1]), None, "run", lambda draft: None).name)
"""


def _nothing(_draft: RunDir) -> None:
    pass


def _make(root: Path, name: str | None = None, created: str | None = None) -> RunDir:
    run = create_run(root, name, "digits", _nothing)
    if created is not None:
        write_manifest(run.manifest, dataclasses.replace(run.read_manifest(), created=created))
    return run


def test_a_new_run_has_its_manifest_and_folders(tmp_path: Path) -> None:
    run = create_run(tmp_path / "runs", "a", "digits", _nothing, tuned_from="b")
    assert run.path == tmp_path / "runs" / "a"
    manifest = run.read_manifest()
    assert (manifest.format, manifest.kind, manifest.status) == (FORMAT, "stage1", TRAINING)
    assert manifest.tuned_from == "b"
    expected = ["classifiers", "features", "figures", "run.json", "tuning", "weights"]
    assert sorted(os.listdir(run.path)) == expected


def test_what_fill_writes_is_in_the_run_and_no_draft_is_left(tmp_path: Path) -> None:
    run = create_run(tmp_path, "a", "digits", lambda draft: draft.config.write_text("x: 1") and None)
    assert run.config.read_text() == "x: 1"
    assert os.listdir(tmp_path) == ["a"]


def test_the_run_appears_only_when_it_is_filled(tmp_path: Path) -> None:
    seen: list[Any] = []
    create_run(tmp_path, "a", "digits", lambda draft: seen.extend([(tmp_path / "a").exists(), list_runs(tmp_path)]))
    assert seen == [False, []]


def test_names_are_numbered(tmp_path: Path) -> None:
    assert [_make(tmp_path).name for _ in range(3)] == ["digits-1", "digits-2", "digits-3"]


def test_numbering_passes_by_whatever_has_the_name(tmp_path: Path) -> None:
    (tmp_path / "digits-1").write_text("a file")
    (tmp_path / "digits-2").mkdir()
    (tmp_path / "digits-2" / "x").touch()
    assert _make(tmp_path).name == "digits-3"


def test_a_name_that_is_taken(tmp_path: Path) -> None:
    _make(tmp_path, "a")
    before = (tmp_path / "a" / "run.json").read_bytes()
    with pytest.raises(RunError, match=r"the run .*/a exists already; choose another name, or add resume=True"):
        _make(tmp_path, "a")
    assert os.listdir(tmp_path) == ["a"]
    assert (tmp_path / "a" / "run.json").read_bytes() == before


@pytest.mark.parametrize("name", ["../x", "a/b", "/x", ".hidden", "..", ".", "", "a/"])
def test_bad_names(name: str, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="name must be a plain folder name"):
        _make(tmp_path / "runs", name)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("error", [ValueError(), KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_a_failing_fill_leaves_nothing(error: BaseException, tmp_path: Path) -> None:
    def fail(draft: RunDir) -> None:
        draft.config.write_text("half")
        raise error

    with pytest.raises(type(error)):
        create_run(tmp_path / "new" / "runs", None, "digits", fail)
    assert os.listdir(tmp_path) == []


def test_a_failing_fill_leaves_other_runs(tmp_path: Path) -> None:
    def fail(_draft: RunDir) -> None:
        _make(tmp_path / "runs", "other")  # another process
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        create_run(tmp_path / "runs", None, "digits", fail)
    assert os.listdir(tmp_path / "runs") == ["other"]


def test_runs_that_are_a_file(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("")
    with pytest.raises(OSError, match="runs"):
        _make(tmp_path / "runs")


def test_permissions_are_those_that_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        run = _make(tmp_path)
    finally:
        os.umask(before)
    assert run.path.stat().st_mode & 0o777 == 0o700
    assert run.manifest.stat().st_mode & 0o777 == 0o600


def test_processes_at_once_get_different_folders(tmp_path: Path) -> None:
    command = [sys.executable, "-c", CREATE_TEN, str(tmp_path / "runs")]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    names = [name for each in both for name in each.communicate()[0].split()]
    assert sorted(names) == sorted(f"run-{number}" for number in range(1, 21))


def test_threads_at_once_get_different_folders(tmp_path: Path) -> None:
    names: list[str] = []
    threads = [threading.Thread(target=lambda: names.append(_make(tmp_path / "runs").name)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(names) == [f"digits-{number}" for number in range(1, 9)]


def test_a_run_is_held_by_one_process(tmp_path: Path) -> None:
    run = _make(tmp_path)
    command = [sys.executable, "-c", HOLD_THE_LOCK, str(run.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(RunError, match="is in use by another process; wait for it to end"), run.lock():
            pytest.fail("held twice")
        other.kill()  # a lock does not outlive its process, however that ends
        other.wait()
        with run.lock():
            pass


def test_the_lock_is_given_back_after_an_error(tmp_path: Path) -> None:
    run = _make(tmp_path)
    with pytest.raises(ValueError), run.lock():  # noqa: PT011
        raise ValueError
    with run.lock():
        pass


def test_status_and_the_rest_of_the_manifest(tmp_path: Path) -> None:
    run = create_run(tmp_path, None, "digits", _nothing, tuned_from="b")
    before = run.read_manifest()
    run.set_status(INTERRUPTED)
    assert run.read_manifest() == dataclasses.replace(before, status=INTERRUPTED)


def test_results_of_others_stay(tmp_path: Path) -> None:
    run = _make(tmp_path)
    assert run.read_results() == Results()
    one, two = (SeedEntry(seed=seed, top1=50.0, balanced=40.0, groups={}) for seed in (1, 2))
    record_seeds(run.results, "last", "tau", [one])
    record_seeds(run.results, "last", "crt", [one])
    record_seeds(run.results, "best", "tau", [one])
    record_seeds(run.results, "last", "tau", [one, two])
    assert run.read_results() == Results(
        stage2_seeds={"last": {"tau": (one, two), "crt": (one,)}, "best": {"tau": (one,)}}
    )


def test_open_run_refuses_another_format(tmp_path: Path) -> None:
    run = _make(tmp_path, "a")
    run.manifest.write_text(run.manifest.read_text().replace('"format": 2', '"format": 99'))
    with pytest.raises(RunError, match=r"has format 99, this version of decouple reads format 2; use the version"):
        open_run(run.path)


def test_open_run_names_the_nearest_one(tmp_path: Path) -> None:
    _make(tmp_path, "baseline")
    with pytest.raises(RunError, match=r"there is no run folder .*/basline\. Did you mean 'baseline'\?"):
        open_run(tmp_path / "basline")


def test_open_run_refuses_a_folder_without_manifest(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"is not a run folder: it has no run\.json"):
        open_run(tmp_path)


@pytest.mark.parametrize("text", ["{half", "[1]", "", "\x00"])
def test_a_damaged_manifest(text: str, tmp_path: Path) -> None:
    run = _make(tmp_path, "a")
    run.manifest.write_text(text)
    with pytest.raises(RunError, match=r"run\.json is damaged"):
        open_run(run.path)


def test_read_json_of_undecodable_bytes_and_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"\xff\xfe")
    with pytest.raises(RunError, match=r"a\.json is damaged"):
        read_json(tmp_path / "a.json")
    with pytest.raises(RunError, match=r"b\.json is missing; the run folder is not complete"):
        read_json(tmp_path / "b.json")


def test_every_file_is_in_the_run(tmp_path: Path) -> None:
    run = RunDir(tmp_path / "a")
    paths = [run.manifest, run.config, run.environment, run.data, run.history, run.checkpoint, run.results]
    paths += [run.weights("last"), run.features("last", "train"), run.study("tau")]
    paths += [run.classifier("last", "tau"), run.classifier("best", "tau"), run.figure("x"), run.figure("x", "best")]
    assert len(set(paths)) == len(paths)
    assert all(path.is_relative_to(run.path) for path in paths)
