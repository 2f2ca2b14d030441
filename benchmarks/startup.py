"""Time of commands from the shell, against `import torch`: --help, the list of methods, stage two with all figures.

The run is stage one on scikit-learn's digits, for two epochs: stage two reads its cached features, as many as in the
quickstart. A command and `import torch` run in turn, each in a process of its own, so that a busy machine affects both.
Both run from compiled modules, as an installed program does: those of this checkout are compiled into a folder that is
deleted again.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from benchmarks.measure import compare
from benchmarks.table import Row, run_alone

COMMANDS = [  # arguments, and the time allowed as a multiple of that of `import torch`
    (["--help"], 0.2),
    (["methods"], 1.3),
    (["stage2", "--method", "tau"], 1.5),
    (["stage2", "--method", "all"], 6.0),
]
PAIRS, QUICK_PAIRS = 5, 2


def rows(quick: bool) -> list[Row]:
    """Measure every command."""
    with tempfile.TemporaryDirectory() as folder:
        call = partial(decouple, compiled=Path(folder, "compiled"))
        runs = ["--runs", str(Path(folder, "runs"))]
        call(["stage1", "--epochs", "2", *runs])
        pairs = QUICK_PAIRS if quick else PAIRS
        return [
            _row(command, partial(call, [*command, *(runs if command[0] == "stage2" else [])]), factor, pairs)
            for command, factor in COMMANDS
        ]


def decouple(arguments: Sequence[str], *, compiled: Path) -> None:
    """Run a command of this checkout and discard its output.

    Args:
        arguments: the command and its options.
        compiled: folder that gets the compiled modules.
    """
    command = [sys.executable, "-m", "decouple", *arguments]
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(compiled), "PYTHONDONTWRITEBYTECODE": ""}
    subprocess.run(
        command,
        cwd=Path(__file__).parent.parent,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _import_torch() -> None:
    subprocess.run([sys.executable, "-c", "import torch"], check=True)


def _row(command: list[str], call: Callable[[], None], factor: float, pairs: int) -> Row:
    """Return the row of a command; its ratio is allowed / used time, so that the target is 1."""
    timed = compare(_import_torch, call, pairs=pairs)
    return {
        "what": f"{' '.join(['decouple', *command])} <= {factor:g} x import torch",
        "import torch (s)": timed.baseline,
        "ours (s)": timed.ours,
        "times import torch": 1 / timed.ratio,
        "ratio": factor * timed.ratio,
        "bar": 1.0,
    }


if __name__ == "__main__":
    run_alone(__doc__, rows)
