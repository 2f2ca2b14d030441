"""The worker processes of searches and sweeps: their devices, cores, logs, signals and end, in one place."""

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from decouple.errors import ConfigError, InterruptedRunError, RunError
from decouple.interrupt import deferred_interrupt
from tuning.process_worker import INTERRUPTED_CODE

POLL_SECONDS = 0.1  # between two looks at the workers
_STOP_SECONDS = 20.0  # that a worker has for the step it is in, before it is killed


def count_workers(workers: int, per_gpu: int | None, gpus: int) -> int:
    """Return the number of processes: `workers`, or `per_gpu` for each GPU.

    Raises:
        ConfigError: `per_gpu` is given, and there is no GPU.
    """
    if per_gpu is None:
        return workers
    if not gpus:
        raise ConfigError("`workers_per_gpu` needs a GPU, and torch finds none here; use `workers`")
    return per_gpu * gpus


def worker_device(device: str, slot: int, gpus: int) -> str:
    """Return the device of a worker: the GPUs in turn for auto and cuda, else the one that was asked for.

    Example:
        >>> [worker_device("auto", slot, gpus=2) for slot in range(3)]
        ['cuda:0', 'cuda:1', 'cuda:0']
    """
    return f"cuda:{slot % gpus}" if gpus and device in ("auto", "cuda") else device


def threads_per_worker(workers: int) -> int:
    """Return how many CPU threads a worker may use: its share of the cores that this process may run on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores // workers)


def last_line(log: Path) -> str:
    """Return the last line of a log that is not blank, or "" if there is none."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


@dataclass(frozen=True)
class EndedWorker:
    """A worker that has ended."""

    slot: int
    code: int  # exit code; of a worker that was killed the negative number of the signal
    log: Path

    @property
    def killed(self) -> bool:
        """Whether a signal ended it, or it was asked to stop by another process than this one."""
        return self.code < 0 or self.code == INTERRUPTED_CODE

    @property
    def failed(self) -> bool:
        """Whether it ended with an error of its own."""
        return self.code > 0 and not self.killed

    def __str__(self) -> str:
        """Return how it ended."""
        return (
            f"was killed by {signal.Signals(-self.code).name}" if self.code < 0 else f"ended with exit code {self.code}"
        )


@dataclass(frozen=True)
class _RunningWorker:
    process: "subprocess.Popen[bytes]"
    log: Path


class ProcessPool:
    """Up to `workers` processes at a time, each with its share of the cores; use it as a context.

    Leaving the context stops the workers with SIGTERM, which they take as Ctrl-C. A worker ends, too, when this process
    does. While the context is open, Ctrl-C and SIGTERM are noted, and `wait` raises.

    Args:
        workers: number of slots.
        stopped: message of the error after Ctrl-C.
        max_killed: workers that may be killed before `wait` raises; None: any number.
        stop_seconds: how long workers may take to stop before they are killed; None: as long as they need.
    """

    def __init__(
        self, workers: int, *, stopped: str, max_killed: int | None = None, stop_seconds: float | None = _STOP_SECONDS
    ) -> None:
        self.workers, self._stopped, self._max_killed, self._stop_seconds = workers, stopped, max_killed, stop_seconds
        self._threads = threads_per_worker(workers)
        self._running: dict[int, _RunningWorker] = {}
        self._killed = 0
        self._context = contextlib.ExitStack()

    def __enter__(self) -> Self:
        self._interrupted = self._context.enter_context(deferred_interrupt())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._context:
            self._stop()

    @property
    def free_slots(self) -> list[int]:
        """The slots without a running worker."""
        return [slot for slot in range(self.workers) if slot not in self._running]

    @property
    def busy(self) -> bool:
        """Whether any worker is running, as far as `wait` has noticed."""
        return bool(self._running)

    def start(self, slot: int, log: Path, function: Callable[..., None], *arguments: Any) -> None:
        """Start a process that calls a function of some module; what it prints is appended to `log`.

        Function and arguments are pickled. Numerical libraries read their number of threads from the environment while
        they are loaded.
        """
        log.parent.mkdir(parents=True, exist_ok=True)
        paths = os.pathsep.join(path or os.getcwd() for path in sys.path)
        with log.open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "tuning.process_worker"],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                env={**os.environ, "OMP_NUM_THREADS": str(self._threads), "PYTHONPATH": paths},
                start_new_session=True,  # Ctrl-C reaches this process alone, which stops its workers once
            )
        self._running[slot] = _RunningWorker(process, log)
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it has been killed already, which `wait` notices
            process.stdin.write(pickle.dumps((function, arguments)))
            process.stdin.flush()  # not closed: the worker ends when it is

    def wait(self) -> list[EndedWorker]:
        """Wait a moment, and return the workers that have ended meanwhile.

        Raises:
            InterruptedRunError: Ctrl-C or SIGTERM came.
            RunError: too many workers were killed.
        """
        if self._interrupted():
            raise InterruptedRunError(self._stopped)
        time.sleep(POLL_SECONDS)
        ended = []
        for slot, worker in list(self._running.items()):
            code = worker.process.poll()
            if code is not None:
                del self._running[slot]
                _close(worker.process)
                ended.append(EndedWorker(slot, code, worker.log))
        self._killed += sum(worker.killed for worker in ended)
        if self._max_killed is not None and self._killed > self._max_killed:
            raise RunError(f"{self._killed} workers were killed, probably out of memory; use fewer `workers`")
        return ended

    def join(self, seconds: float) -> None:
        """Give the workers time to end by themselves."""
        _wait_for([worker.process for worker in self._running.values()], seconds)

    def _stop(self) -> None:
        processes = [worker.process for worker in self._running.values()]
        for process in processes:
            process.terminate()
        _wait_for(processes, self._stop_seconds)
        for process in processes:
            if process.poll() is None:
                process.kill()
            process.wait()
            _close(process)  # only now, since it would be a second signal
        self._running.clear()


def _wait_for(processes: list["subprocess.Popen[bytes]"], seconds: float | None) -> None:
    deadline = None if seconds is None else time.monotonic() + seconds
    for process in processes:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(None if deadline is None else max(0.0, deadline - time.monotonic()))


def _close(process: "subprocess.Popen[bytes]") -> None:
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
