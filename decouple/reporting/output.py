"""The result of a command on stdout: text for people, or one JSON object or a CSV table for programs."""

import json
from collections.abc import Mapping, Sequence

from decouple.config.call_options import CallOptions
from decouple.files.csv_files import csv_text
from decouple.files.json_records import record_to_json
from decouple.reporting.terminal import Block, render

Rows = Sequence[Mapping[str, object]]


def emit(call: CallOptions, blocks: Sequence[Block], *, record: object, rows: Rows = ()) -> None:
    """Print the result of a command once, in the form that the call asks for.

    Args:
        call: how the command answers.
        blocks: the result as text.
        record: the result as a frozen dataclass: `--json` prints all its fields, keys sorted, numbers unrounded.
        rows: its main table with unrounded numbers: `--csv` prints it. Columns are the keys in order of appearance, so
            rows may lack some.

    Example:
        >>> from dataclasses import dataclass
        >>> @dataclass(frozen=True)
        ... class Answer:
        ...     run: str
        ...     balanced: float
        >>> emit(CallOptions(json=True), ["run: base"], record=Answer("base", 71.5))
        {"balanced": 71.5, "run": "base"}
        >>> emit(CallOptions(csv=True), ["run: base"], record=Answer("base", 71.5), rows=[{"run": "base", "few": None}])
        run,few
        base,
        >>> emit(CallOptions(), ["run: base"], record=Answer("base", 71.5))
        run: base
    """
    if call.json:
        print(json.dumps(record_to_json(record, complete=True), sort_keys=True, allow_nan=False), flush=True)
    elif call.csv:
        print(table_as_csv(rows), end="", flush=True)
    else:
        print(render(*blocks), end="", flush=True)


def show(call: CallOptions, *blocks: Block) -> None:
    """Print a part of the text of a command that answers in several steps; nothing where `emit` prints for programs."""
    if not call.machine_readable:
        print(render(*blocks), end="", flush=True)


def table_as_csv(rows: Rows) -> str:
    """Return rows as CSV; columns in order of appearance, a missing value is an empty field."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    return csv_text([{column: row.get(column) for column in columns} for row in rows], columns)
