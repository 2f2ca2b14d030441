"""List the benchmarks, or run them, each in a process of its own: `python -m benchmarks [NAME...] [--quick]`.

Exit code 0 even where a bar is missed, since that may be the machine's doing; 1 where a benchmark failed.
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

from benchmarks.table import Row, bars, print_table, writable

_HERE = Path(__file__).parent
# --quick without names leaves these out.
NO_CPU_BARS = frozenset({"gpu", "growth", "image_cache", "limits", "losses", "many_runs", "precision", "views"})
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")  # a benchmark says itself how many it wants, or takes all cores


def main(words: Sequence[str] | None = None) -> int:
    """Do what the command line says; return the exit code."""
    known = benchmarks()
    asked = _arguments(words, known)
    names = asked.names or sorted(set(known) - NO_CPU_BARS) if asked.names or asked.quick else []
    if not names:
        print_table([{"benchmark": name, "what it compares": line} for name, line in known.items()])
        return 0
    with tempfile.TemporaryDirectory() as folder:
        return _run(names, asked.quick, asked.csv or Path(folder))


def benchmarks() -> dict[str, str]:
    """Return the modules of this folder that have a function `rows`, with the first lines of their docstrings."""
    found = {}
    for path in sorted(_HERE.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.FunctionDef) and node.name == "rows" for node in tree.body):
            found[path.stem] = (ast.get_docstring(tree) or "").splitlines()[0]
    return found


def _arguments(words: Sequence[str] | None, known: dict[str, str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="benchmarks to run; none: list them")
    parser.add_argument("--quick", action="store_true", help="smaller; without names all that have bars on a CPU")
    parser.add_argument("--csv", type=_folder, metavar="FOLDER", help="write a file for each benchmark there")
    asked = parser.parse_args(words)
    strange = [name for name in asked.names if name not in known]
    if strange:
        parser.error(f"no benchmark is called {', '.join(strange)}; there are {', '.join(known)}")
    return asked


def _folder(words: str) -> Path:
    return writable(str(Path(words) / "table.csv")).parent


def run_one(name: str, csv: Path, quick: bool) -> bool:
    """Run a benchmark in a process of its own, which prints its table and writes it; return whether it went well."""
    command = [sys.executable, "-m", f"benchmarks.{name}", "--csv", str(csv), *(["--quick"] if quick else [])]
    clean = {key: value for key, value in os.environ.items() if key not in THREADS}
    return subprocess.run(command, cwd=_HERE.parent, env=clean).returncode == 0


def _run(names: Sequence[str], quick: bool, folder: Path) -> int:
    """Run one after the other, none with the memory and threads of another; print the bars."""
    reached: list[Row] = []
    failed = []
    for name in names:
        file, started = folder / f"{name}.csv", time.perf_counter()
        if not run_one(name, file, quick):
            failed.append(name)
        else:
            reached += bars(name, pd.read_csv(file).to_dict("records"))  # type: ignore[arg-type]
        print(f"{name}: {time.perf_counter() - started:.0f} s\n", flush=True)
    if reached:
        print_table(reached, "all bars")
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
