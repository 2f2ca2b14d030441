"""List the benchmarks, or run each in its own process: `python -m benchmarks [NAME...] [--quick]`.

A missed target is reported but does not fail the run, since a busy machine may be the cause. Exit code 1 means that a
benchmark failed.
"""

import argparse
import ast
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from benchmarks.table import Row, bars, print_table, writable_path

_HERE = Path(__file__).parent
# --quick without names leaves these out.
NO_CPU_BARS = frozenset(
    {"export", "gpu", "growth", "image_cache", "limits", "losses", "many_runs", "precision", "views"}
)
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")  # a benchmark sets its own number of threads, or uses all cores


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    known = benchmarks()
    arguments = _arguments(argv, known)
    names = arguments.names or sorted(set(known) - NO_CPU_BARS) if arguments.names or arguments.quick else []
    if not names:
        print_table([{"benchmark": name, "what it compares": line} for name, line in known.items()])
        return 0
    with tempfile.TemporaryDirectory() as folder:
        return _run(names, arguments.quick, arguments.csv or Path(folder))


def benchmarks() -> dict[str, str]:
    """Return the modules of this folder that have a function `rows`, with the first lines of their docstrings."""
    first_lines = {}
    for path in sorted(_HERE.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.FunctionDef) and node.name == "rows" for node in tree.body):
            first_lines[path.stem] = (ast.get_docstring(tree) or "").splitlines()[0]
    return first_lines


def _arguments(argv: Sequence[str] | None, known: dict[str, str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="benchmarks to run; none: list them")
    parser.add_argument("--quick", action="store_true", help="smaller; without names: all that have targets on a CPU")
    parser.add_argument("--csv", type=_folder, metavar="FOLDER", help="write a file for each benchmark there")
    arguments = parser.parse_args(argv)
    unknown = [name for name in arguments.names if name not in known]
    if unknown:
        parser.error(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(known)}")
    return arguments


def _folder(text: str) -> Path:
    return writable_path(str(Path(text) / "table.csv")).parent


def run_one(name: str, csv: Path, quick: bool) -> bool:
    """Run a benchmark in a process of its own, which prints and writes its table; return whether it succeeded."""
    command = [sys.executable, "-m", f"benchmarks.{name}", "--csv", str(csv), *(["--quick"] if quick else [])]
    clean = {key: value for key, value in os.environ.items() if key not in THREADS}
    return subprocess.run(command, cwd=_HERE.parent, env=clean).returncode == 0


def _run(names: Sequence[str], quick: bool, folder: Path) -> int:
    """Run the benchmarks one after the other in separate processes; print the targets."""
    bar_rows: list[Row] = []
    failed = []
    for name in names:
        file, started = folder / f"{name}.csv", time.perf_counter()
        if not run_one(name, file, quick):
            failed.append(name)
        else:
            bar_rows += bars(name, pd.read_csv(file).to_dict("records"))  # type: ignore[arg-type]
        print(f"{name}: {time.perf_counter() - started:.0f} s\n", flush=True)
    if bar_rows:
        print_table(bar_rows, "all targets")
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
