import dataclasses
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from decouple.errors import RunError
from decouple.files.new_run import create_run
from decouple.files.run_dir import RunDir
from decouple.files.run_manifest import INTERRUPTED

MakeRun = Callable[..., RunDir]


HOLD_THE_LOCK = """
import pathlib, sys
from decouple.files.run_dir import RunDir
with RunDir(pathlib.Path(sys.argv[1])).lock():
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_a_run_is_held_by_one_process(tmp_path: Path, make_run: MakeRun) -> None:
    run = make_run(tmp_path)
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


def test_the_lock_is_given_back_after_an_error(tmp_path: Path, make_run: MakeRun) -> None:
    run = make_run(tmp_path)
    with pytest.raises(ValueError), run.lock():  # noqa: PT011
        raise ValueError
    with run.lock():
        pass


def test_status_and_the_rest_of_the_manifest(tmp_path: Path) -> None:
    run = create_run(tmp_path, None, "digits", lambda _: None, tuned_from="b")
    before = run.read_manifest()
    run.set_status(INTERRUPTED)
    assert run.read_manifest() == dataclasses.replace(before, status=INTERRUPTED)


def test_every_file_is_in_the_run(tmp_path: Path) -> None:
    run = RunDir(tmp_path / "a")
    paths = [run.manifest, run.config, run.environment, run.data, run.history, run.checkpoint, run.results]
    paths += [run.feature_norms, run.weights("last"), run.features("last", "train"), run.study("tau")]
    paths += [run.classifier("last", "tau"), run.classifier("best", "tau"), run.figure("x"), run.figure("x", "best")]
    assert len(set(paths)) == len(paths)
    assert all(path.is_relative_to(run.path) for path in paths)


def test_the_lock_is_waited_for(tmp_path: Path, make_run: MakeRun) -> None:
    run = make_run(tmp_path)
    command = [sys.executable, "-c", HOLD_THE_LOCK, str(run.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(RunError, match="is in use"), run.lock(wait_seconds=0.1):
            pytest.fail("held twice")
        timer = threading.Timer(0.2, other.kill)
        timer.start()
        with run.lock(wait_seconds=60):
            assert other.poll() is not None
