"""Rows, tables and the command line of all benchmarks.

A row is a mapping from column to value. The columns: what; baseline (s) and ours (s), medians; ratio, the median over
pairs of runs; spread, the smallest and largest ratio; bar, the ratio that is the target, or None. Other columns may
follow: accuracies, errors, memory.
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
from decouple.memory import keep_freed_memory

Row = dict[str, Any]


def ratio_row(what: str, comparison: Comparison, bar: float | None = None, **more: object) -> Row:
    """Return the row of a comparison; `more` are further columns."""
    return {
        "what": what,
        "baseline (s)": comparison.baseline,
        "ours (s)": comparison.ours,
        "ratio": comparison.ratio,
        "spread": f"{comparison.spread[0]:.3g}-{comparison.spread[1]:.3g}",
        "bar": bar,
        **more,
    }


def limit_row(what: str, used: float, allowed: float, unit: str, **more: object) -> Row:
    """Return the row of a limit on seconds or memory: the ratio is allowed / used, so that the target is 1."""
    return {"what": f"{what} <= {allowed:,.4g} {unit}", unit: used, "ratio": allowed / used, "bar": 1.0, **more}


def bars(name: str, rows: Sequence[Row]) -> list[Row]:
    """Return a row for each target in the table of the benchmark `name`: promised and reached ratio."""
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

    Lines are not wrapped, so that tables can be pasted.
    """
    if title:
        print(f"{title}\n")
    visible = {"bar"} if any(not pd.isna(row.get("bar")) for row in rows) else set()
    filled = [{key: _cell(row[key]) for key in row if key in visible or not pd.isna(row[key])} for row in rows]
    for columns, group in itertools.groupby(filled, key=tuple):
        lines = [list(columns), *(list(row.values()) for row in group)]
        widths = [max(len(line[index]) for line in lines) for index in range(len(columns))]
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
    """Return the parser of the options of every benchmark; `doc` is its docstring."""
    parser = argparse.ArgumentParser(description=(doc or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="smaller, and fewer repeats")
    parser.add_argument("--csv", type=writable_path, metavar="FILE", help="write the table there")
    return parser


def writable_path(text: str) -> Path:
    """Return the path of a file, after a check that it can be written: measuring takes minutes."""
    path = Path(text)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        with tempfile.TemporaryFile(dir=path.parent):
            return path
    except OSError as error:
        raise argparse.ArgumentTypeError(f"cannot write {text!r}: {error.strerror}") from None


def show(rows: Sequence[Row], title: str | None, csv: Path | None) -> None:
    """Print the table, and write it where a file is named."""
    print_table(rows, title)
    if csv:
        write_csv(csv, rows)


def run_alone(doc: str | None, rows: Callable[[bool], list[Row]]) -> None:
    """Run a benchmark without options of its own as a command."""
    arguments = parser_of(doc).parse_args()
    keep_freed_memory()  # as the command line does
    show(rows(arguments.quick), (doc or "").splitlines()[0], arguments.csv)
