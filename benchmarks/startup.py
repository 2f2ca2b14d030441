"""How long commands take from the shell: --help, the list of methods, one stage-two method and all, with figures.

The run is stage one on scikit-learn's digits, for two epochs: stage two reads its cached features, whose number is that
of the quickstart. Beside wall time stands that of the processor, which other work on the machine hardly moves.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measure import seconds_of
from benchmarks.table import Row, limit_row, run_alone

COMMANDS = [  # words, and the seconds of wall time that are promised on two idle cores
    (["--help"], 0.3),
    (["methods"], 3.0),  # torch is nearly all of it
    (["stage2", "--method", "tau"], 4.0),
    (["stage2", "--method", "all"], 15.0),
]
REPEATS, QUICK_REPEATS = 3, 1


def rows(quick: bool) -> list[Row]:
    """Run each command in a process of its own; medians."""
    with tempfile.TemporaryDirectory() as folder:
        runs = ["--runs", folder]
        decouple(["stage1", "--epochs", "2", *runs])
        repeats = QUICK_REPEATS if quick else REPEATS
        rows = [_row(words, runs if words[0] == "stage2" else [], bar, repeats) for words, bar in COMMANDS]
    torch = statistics.median(seconds_of(_import_torch) for _ in range(repeats))
    return [*rows, {"what": "for comparison: import torch", "s": torch}]


def decouple(words: Sequence[str]) -> None:
    """Run a command of this checkout, without what it prints."""
    command = [sys.executable, "-m", "decouple", *words]
    subprocess.run(
        command, cwd=Path(__file__).parent.parent, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _import_torch() -> None:
    subprocess.run([sys.executable, "-c", "import torch"], check=True)


def _row(words: list[str], more: list[str], bar: float, repeats: int) -> Row:
    used, wall = [], []
    for _ in range(repeats):
        before = _processor_seconds()
        wall.append(seconds_of(lambda: decouple([*words, *more])))
        used.append(_processor_seconds() - before)
    busy = {"processor s": statistics.median(used)}
    return limit_row(" ".join(["decouple", *words]), statistics.median(wall), bar, "s", **busy)


def _processor_seconds() -> float:
    """Return what all ended children have used so far, of the user and of the system."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


if __name__ == "__main__":
    run_alone(__doc__, rows)
