"""`decouple runs`: list the runs with their headline metrics."""

import sys
from pathlib import Path

from decouple.config.command_line import Parsed
from decouple.config.command_settings import RunsConfig
from decouple.errors import DecoupleError
from decouple.files.run_dir import RunDir
from decouple.files.run_lookup import list_damaged_runs, list_runs
from decouple.report.run_table import damaged_row, run_row
from decouple.report.tables import rows_table
from decouple.report.terminal import render


def run(parsed: Parsed[RunsConfig]) -> None:
    """Print a row for each run, the damaged ones too; stderr says what is damaged."""
    folder = parsed.settings.runs
    runs, damaged = list_runs(Path(folder)), list_damaged_runs(Path(folder))
    if not runs and not damaged:
        print(f"no runs in {folder}; train one with `decouple stage1`")
        return
    rows = [_row(run) for run in runs] + [_damaged(run.path.name, run.reason) for run in damaged]
    note = (
        f"runs in {folder}: {len(rows)}, oldest first; balanced and few-shot accuracy on the test split, %; "
        "stage 2: the method that is best on validation"
    )
    print(render(rows_table(rows, best=None), note), end="")


def _row(run: RunDir) -> dict[str, object]:
    """Return the row of a run; a damaged run must not hide the others."""
    try:
        return run_row(run)
    except (DecoupleError, OSError) as error:
        return _damaged(run.name, str(error))


def _damaged(name: str, reason: str) -> dict[str, object]:
    print(f"{name}: {reason}", file=sys.stderr)
    return damaged_row(name)
