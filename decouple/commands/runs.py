"""`decouple runs`: list the runs with their headline metrics."""

import dataclasses
import sys
from pathlib import Path

from decouple.config.command_line import Parsed
from decouple.config.command_settings import RunsConfig
from decouple.errors import DecoupleError
from decouple.files.run_dir import RunDir
from decouple.files.run_lookup import list_damaged_runs, list_runs
from decouple.reporting.output import emit
from decouple.reporting.run_table import DAMAGED, RunListRecord, RunSummary, summarize_run, table_row
from decouple.reporting.tables import rows_table
from decouple.reporting.terminal import Block


def run(parsed: Parsed[RunsConfig]) -> None:
    """Print a row for each run, the damaged ones too; stderr says what is damaged."""
    folder = parsed.settings.runs
    runs, damaged = list_runs(Path(folder)), list_damaged_runs(Path(folder))
    summaries = [_summary(run) for run in runs] + [_damaged(run.path.name, run.reason) for run in damaged]
    note = (
        f"runs in {folder}: {len(summaries)}, oldest first; balanced and few-shot accuracy on the test split, %; "
        "stage 2: the recommended method"
    )
    blocks: list[Block] = [rows_table([table_row(summary) for summary in summaries], best=None), note]
    if not summaries:
        blocks = [f"no runs in {folder}; train one with `decouple stage1`"]
    record = RunListRecord(folder=folder, runs=tuple(summaries))
    emit(parsed.call, blocks, record=record, rows=[dataclasses.asdict(summary) for summary in summaries])


def _summary(run: RunDir) -> RunSummary:
    """Return the row of a run; a damaged run must not hide the others."""
    try:
        return summarize_run(run)
    except (DecoupleError, OSError) as error:
        return _damaged(run.name, str(error))


def _damaged(name: str, reason: str) -> RunSummary:
    print(f"{name}: {reason}", file=sys.stderr)
    return RunSummary(run=name, status=DAMAGED)
