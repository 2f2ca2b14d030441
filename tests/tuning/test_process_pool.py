"""Devices, cores and logs of worker processes; how they end, and what they see of the process that started them."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from decouple.errors import ConfigError
from tuning.process_pool import EndedWorker, ProcessPool, count_workers, last_line, threads_per_worker, worker_device

PARENT = """
import os, sys, time
from pathlib import Path
from tuning.process_pool import ProcessPool
folder = Path(sys.argv[1])
with ProcessPool(1, stopped="stopped") as pool:
    pool.start(0, folder / "log", exec, "import os, pathlib, time; "
               f"pathlib.Path({str(folder)!r}, 'process').write_text(str(os.getpid())); time.sleep(60)")
    deadline = time.monotonic() + 60
    while not (folder / "process").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    os._exit(0)
"""


def _wait_for_end(pool: ProcessPool) -> EndedWorker:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for worker in pool.wait():
            return worker
    raise AssertionError("the worker has not ended")


def test_workers_of_each_gpu() -> None:
    assert count_workers(3, None, 0) == 3
    assert count_workers(1, 4, 2) == 8
    with pytest.raises(ConfigError, match="workers_per_gpu needs a GPU, and torch finds none here; use workers"):
        count_workers(1, 4, 0)


def test_gpus_are_taken_in_turn() -> None:
    assert [worker_device("auto", slot, 2) for slot in range(3)] == ["cuda:0", "cuda:1", "cuda:0"]
    assert [worker_device("cuda", slot, 1) for slot in range(2)] == ["cuda:0", "cuda:0"]
    assert worker_device("auto", 1, 0) == "auto"
    assert worker_device("cpu", 1, 4) == "cpu"
    assert worker_device("cuda:1", 0, 4) == "cuda:1"


def test_cores_are_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    assert [threads_per_worker(count) for count in (1, 2, 3, 8, 20)] == [8, 4, 2, 1, 1]


def test_the_last_line_of_a_log(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("first\n  the reason \n\n")
    assert last_line(tmp_path / "log") == "the reason"
    assert last_line(tmp_path / "none") == ""


def test_a_worker_has_its_share_of_the_cores_a_log_and_an_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tuning.process_pool.threads_per_worker", lambda _: 3)
    (tmp_path / "log").write_text("before\n")
    before = dict(os.environ)
    with ProcessPool(2, stopped="stopped") as pool:
        assert pool.free_slots == [0, 1]
        pool.start(1, tmp_path / "log", exec, "import os; print(os.environ['OMP_NUM_THREADS']); 1 / 0")
        assert (pool.free_slots, pool.busy) == ([0], True)
        worker = _wait_for_end(pool)
        assert (pool.free_slots, pool.busy) == ([0, 1], False)
    assert (worker.slot, worker.failed, worker.killed) == (1, True, False)
    lines = (tmp_path / "log").read_text().splitlines()
    assert lines[:2] == ["before", "3"]
    assert last_line(worker.log) == "ZeroDivisionError: division by zero"
    assert dict(os.environ) == before


def test_what_ended_a_worker(tmp_path: Path) -> None:
    assert str(EndedWorker(0, -9, tmp_path)) == "was killed by SIGKILL"
    assert str(EndedWorker(0, 3, tmp_path)) == "ended with exit code 3"
    assert [EndedWorker(0, code, tmp_path).killed for code in (0, 2, 130, -9)] == [False, False, True, True]
    assert [EndedWorker(0, code, tmp_path).failed for code in (0, 2, 130, -9)] == [False, True, False, False]


def test_a_worker_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", PARENT, str(tmp_path)], check=True, timeout=120)
    process = int((tmp_path / "process").read_text())
    deadline = time.monotonic() + 60
    while Path(f"/proc/{process}").exists() and time.monotonic() < deadline:
        stat = Path(f"/proc/{process}/stat")
        if stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] in "ZX":
            break
        time.sleep(0.02)
    else:
        assert not Path(f"/proc/{process}").exists()
