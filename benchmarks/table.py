"""What all benchmarks share: the form of a row, the command line, the table that is printed and written.

A row is a mapping from column to value. The columns: what; baseline (s) and ours (s), medians; ratio, the median over
pairs of runs; spread, its smallest and largest; bar, the ratio that is promised, None for none. Others may follow:
accuracies, errors, memory.
"""

import argparse
import errno
import itertools
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.machine import provenance
from benchmarks.measure import Comparison

Row = dict[str, Any]


def ratio_row(what: str, found: Comparison, bar: float | None = None, **more: object) -> Row:
    """Return the row of a comparison; `more` are further columns."""
    return {
        "what": what,
        "baseline (s)": found.baseline,
        "ours (s)": found.ours,
        "ratio": found.ratio,
        "spread": f"{found.spread[0]:.3g}-{found.spread[1]:.3g}",
        "bar": bar,
        **more,
    }


def limit_row(what: str, used: float, allowed: float, unit: str, **more: object) -> Row:
    """Return the row of a limit on seconds or memory: the ratio is allowed / used, so that the bar is 1."""
    return {"what": f"{what} <= {allowed:,.4g} {unit}", unit: used, "ratio": allowed / used, "bar": 1.0, **more}


def bars(name: str, rows: Sequence[Row]) -> list[Row]:
    """Return a row for each bar in the table of the benchmark `name`: what was promised, reached, and whether held."""
    return [
        {
            "benchmark": name,
            "bar": row["what"],
            "promised": float(row["bar"]),
            "reached": float(row["ratio"]),
            "held": bool(row["ratio"] >= row["bar"]),
        }
        for row in rows
        if not pd.isna(row.get("bar"))
    ]


def print_table(rows: Sequence[Row], title: str | None = None) -> None:
    """Print rows as Markdown; neighbours with values in the same columns share a table, without other columns.

    Lines are as long as they need to be: figures are read by eye here, and pasted.
    """
    if title:
        print(f"{title}\n")
    shown = {"bar"} if any(not pd.isna(row.get("bar")) for row in rows) else set()
    filled = [{key: _cell(row[key]) for key in row if key in shown or not pd.isna(row[key])} for row in rows]
    for columns, group in itertools.groupby(filled, key=tuple):
        lines = [list(columns), *(list(row.values()) for row in group)]
        widths = [max(len(line[place]) for line in lines) for place in range(len(columns))]
        lines.insert(1, ["-" * width for width in widths])
        for line in lines:
            print("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |")
        print(flush=True)


def _cell(value: Any) -> str:
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if pd.isna(value):
        return "-"
    if not isinstance(value, float):
        return str(value)
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def write_csv(path: Path, rows: Sequence[Row]) -> None:
    """Write rows, with the columns commit, machine and date added."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows).assign(**provenance()).to_csv(path, index=False)


def parser_of(doc: str | None) -> argparse.ArgumentParser:
    """Return the command line that each benchmark has; `doc` is its docstring."""
    parser = argparse.ArgumentParser(description=(doc or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="smaller, and fewer repeats")
    parser.add_argument("--csv", type=writable, metavar="FILE", help="write the table there")
    return parser


def writable(words: str) -> Path:
    """Return the path of a file that can be written, which is known before minutes are spent on what it is to hold."""
    path = Path(words)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        with tempfile.TemporaryFile(dir=path.parent):
            return path
    except OSError as error:
        raise argparse.ArgumentTypeError(f"cannot write {words!r}: {error.strerror}") from None


def show(rows: Sequence[Row], title: str | None, csv: Path | None) -> None:
    """Print the table, and write it where a file is named."""
    print_table(rows, title)
    if csv:
        write_csv(csv, rows)


def run_alone(doc: str | None, rows: Callable[[bool], list[Row]]) -> None:
    """Be the command of a benchmark that has no options of its own."""
    asked = parser_of(doc).parse_args()
    show(rows(asked.quick), (doc or "").splitlines()[0], asked.csv)
