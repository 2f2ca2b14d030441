"""Seconds of two callables, measured in turn; and peak memory of one, in a process of its own."""

import gc
import multiprocessing
import re
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")  # Linux only


@dataclass(frozen=True)
class Comparison:
    """Ours against a baseline.

    Attributes:
        baseline: median seconds.
        ours: median seconds.
        ratio: median over the pairs of baseline / ours; above 1, ours is faster.
        spread: smallest and largest ratio of a pair.
    """

    baseline: float
    ours: float
    ratio: float
    spread: tuple[float, float]


def seconds_of(call: Callable[[], object]) -> float:
    """Return the wall time of one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def fastest_of(call: Callable[[], object], repeats: int) -> float:
    """Return the wall time of the fastest of some calls."""
    return min(seconds_of(call) for _ in range(repeats))


def compare(
    baseline: Callable[[], object], ours: Callable[[], object], *, pairs: int, warm_up: bool = True
) -> Comparison:
    """Run both in turn, `pairs` times, so that a busy moment of the machine affects both; warm-up is not counted."""
    if warm_up:
        baseline(), ours()
    return from_pairs([(seconds_of(baseline), seconds_of(ours)) for _ in range(pairs)])


def from_pairs(times: Sequence[tuple[float, float]]) -> Comparison:
    """Return the comparison of pairs of seconds, of the baseline and of ours."""
    ratios = [theirs / own for theirs, own in times]
    return Comparison(
        baseline=statistics.median(theirs for theirs, _ in times),
        ours=statistics.median(own for _, own in times),
        ratio=statistics.median(ratios),
        spread=(min(ratios), max(ratios)),
    )


def peak_memory(prepare: Callable[..., Any], run: Callable[[Any], Any], *arguments: object) -> tuple[float, Any]:
    """Return the MB (10^6 bytes) that ``run(prepared)`` needs at most, and what it returns.

    ``prepared = prepare(*arguments)`` runs first and does not count. Both run in a fresh process, and must therefore
    be functions of a module. Linux only.

    Raises:
        RuntimeError: the process ended without an answer, probably out of memory.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_measure_peak, args=(sender, prepare, run, arguments))
    process.start()
    sender.close()
    try:
        megabytes, result = receiver.recv()
    except EOFError:
        raise RuntimeError(f"the process of {run.__name__} ended early; see its error above") from None
    finally:
        process.join()
    return megabytes, result


def _measure_peak(sender: Connection, prepare: Callable[..., Any], run: Callable[[Any], Any], arguments: Any) -> None:
    prepared = prepare(*arguments)
    gc.collect()
    _CLEAR.write_text("5")  # reset the peak
    before = _read_megabytes("VmRSS")
    result = run(prepared)
    sender.send((_read_megabytes("VmHWM") - before, result))


def _read_megabytes(field: str) -> float:
    match = re.search(rf"^{field}:\s+(\d+) kB$", _STATUS.read_text(), re.MULTILINE)
    if not match:
        raise RuntimeError(f"{_STATUS} has no {field}; peak memory is measured on Linux only")
    return int(match[1]) * 1024 / 1e6
