"""`decouple sweep`: run a grid of data x stage one x stage two x seeds, and print its table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from decouple.config.command_line import Parsed
from decouple.errors import PartialFailureError
from decouple.reporting.output import emit
from decouple.reporting.plan_output import emit_plan
from decouple.reporting.tables import rows_table
from decouple.reporting.terminal import Block
from tuning.sweep.cell_states import DONE, FAILED, CellState
from tuning.sweep.dry_run import sweep_plan
from tuning.sweep.result_table import ResultRow, cell_lines
from tuning.sweep.run import run_sweep
from tuning.sweep.settings import SweepConfig
from tuning.sweep.task_runner import task_log


@dataclass(frozen=True, kw_only=True)
class SweepRecord:
    """What `--json` prints."""

    folder: str
    cells: Mapping[str, CellState]  # cell ->
    rows: Sequence[ResultRow]  # as in table.csv


def run(parsed: Parsed[SweepConfig]) -> None:
    """Run the cells that are not done, and print the table of all.

    Raises:
        PartialFailureError: cells have failed, in this call or an earlier one; the table is written and printed.
    """
    if parsed.call.dry_run:
        emit_plan(parsed.call, sweep_plan(parsed.settings))
        return
    states, rows = run_sweep(parsed.settings)
    cells = states.read()
    failed = {name: cell.error for name, cell in cells.items() if cell.state == FAILED}
    done = sum(cell.state == DONE for cell in cells.values())
    summary: list[Block] = [
        "% on the test split, mean ± standard deviation over n seeds",
        rows_table(cell_lines(rows), best=None),
        *_failures(failed, states.folder),
        f"cells: {done} of {len(cells)} done, {len(failed)} failed",
        f"table: {states.folder / 'table.csv'}, table.md, table.html, balanced.png",
    ]
    emit(parsed.call, summary, record=SweepRecord(folder=str(states.folder), cells=cells, rows=rows), rows=rows)
    if failed:
        raise PartialFailureError(
            f"{len(failed)} of {len(cells)} cells failed; the same command with --retry runs them again"
        )


def _failures(failed: Mapping[str, str | None], folder: Path) -> list[str]:
    """Return a line for each error: the cells that have it, the error, and the logs of their runs."""
    lines = []
    for error in dict.fromkeys(failed.values()):
        names = [name for name, other in failed.items() if other == error]
        logs = dict.fromkeys(str(task_log(folder, name.split("/")[0])) for name in names)
        lines.append(f"failed: {', '.join(names)}: {error}\n  log: {', '.join(logs)}")
    return lines
