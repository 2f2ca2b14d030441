import os
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from decouple.errors import RunError
from decouple.files.new_run import create_run
from decouple.files.run_dir import RunDir
from decouple.files.run_lookup import list_runs
from decouple.files.run_manifest import FORMAT, TRAINING

MakeRun = Callable[..., RunDir]


CREATE_TEN = """
import pathlib, sys
from decouple.files.new_run import create_run
for _ in range(10):
    print(create_run(pathlib.Path(sys.argv[1]), None, "run", lambda draft: None).name)
"""


def test_a_new_run_has_its_manifest_and_folders(tmp_path: Path) -> None:
    run = create_run(tmp_path / "runs", "a", "digits", lambda _: None, tuned_from="b")
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
    observed: list[object] = []
    create_run(tmp_path, "a", "digits", lambda draft: observed.extend([(tmp_path / "a").exists(), list_runs(tmp_path)]))
    assert observed == [False, []]


def test_names_are_numbered(tmp_path: Path, make_run: MakeRun) -> None:
    assert [make_run(tmp_path).name for _ in range(3)] == ["digits-1", "digits-2", "digits-3"]


def test_numbering_passes_by_whatever_has_the_name(tmp_path: Path, make_run: MakeRun) -> None:
    (tmp_path / "digits-1").write_text("a file")
    (tmp_path / "digits-2").mkdir()
    (tmp_path / "digits-2" / "x").touch()
    assert make_run(tmp_path).name == "digits-3"


def test_a_name_that_is_taken(tmp_path: Path, make_run: MakeRun) -> None:
    make_run(tmp_path, "a")
    before = (tmp_path / "a" / "run.json").read_bytes()
    with pytest.raises(RunError, match=r"the run .*/a exists already; choose another name, or add resume=True"):
        make_run(tmp_path, "a")
    assert os.listdir(tmp_path) == ["a"]
    assert (tmp_path / "a" / "run.json").read_bytes() == before


@pytest.mark.parametrize("name", ["../x", "a/b", "/x", ".hidden", "..", ".", "", "a/"])
def test_bad_names(name: str, tmp_path: Path, make_run: MakeRun) -> None:
    with pytest.raises(RunError, match="name must be a plain folder name"):
        make_run(tmp_path / "runs", name)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("error", [ValueError(), KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_a_failing_fill_leaves_nothing(error: BaseException, tmp_path: Path) -> None:
    def fail(draft: RunDir) -> None:
        draft.config.write_text("half")
        raise error

    with pytest.raises(type(error)):
        create_run(tmp_path / "new" / "runs", None, "digits", fail)
    assert os.listdir(tmp_path) == []


def test_a_failing_fill_leaves_other_runs(tmp_path: Path, make_run: MakeRun) -> None:
    def fail(_draft: RunDir) -> None:
        make_run(tmp_path / "runs", "other")  # another process
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        create_run(tmp_path / "runs", None, "digits", fail)
    assert os.listdir(tmp_path / "runs") == ["other"]


def test_runs_that_are_a_file(tmp_path: Path, make_run: MakeRun) -> None:
    (tmp_path / "runs").write_text("")
    with pytest.raises(OSError, match="runs"):
        make_run(tmp_path / "runs")


def test_permissions_are_those_that_the_umask_leaves(tmp_path: Path, make_run: MakeRun) -> None:
    before = os.umask(0o077)
    try:
        run = make_run(tmp_path)
    finally:
        os.umask(before)
    assert run.path.stat().st_mode & 0o777 == 0o700
    assert run.manifest.stat().st_mode & 0o777 == 0o600


def test_processes_at_once_get_different_folders(tmp_path: Path) -> None:
    command = [sys.executable, "-c", CREATE_TEN, str(tmp_path / "runs")]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    names = [name for entry in both for name in entry.communicate()[0].split()]
    assert sorted(names) == sorted(f"run-{number}" for number in range(1, 21))


def test_threads_at_once_get_different_folders(tmp_path: Path, make_run: MakeRun) -> None:
    names: list[str] = []
    threads = [threading.Thread(target=lambda: names.append(make_run(tmp_path / "runs").name)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(names) == [f"digits-{number}" for number in range(1, 9)]


def _write_settings(text: str, draft: RunDir) -> None:
    draft.config.write_text(text)


def test_the_manifest_has_the_hash_of_the_settings(tmp_path: Path, make_run: MakeRun) -> None:
    one, same, other = (
        create_run(tmp_path, None, "digits", partial(_write_settings, text)) for text in ("lr: 1", "lr: 1", "lr: 2")
    )
    assert one.read_manifest().settings_hash == same.read_manifest().settings_hash
    assert one.read_manifest().settings_hash != other.read_manifest().settings_hash
    assert make_run(tmp_path).read_manifest().settings_hash is None
