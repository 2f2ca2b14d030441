"""`decouple sweep`: run a grid of data x stage one x stage two x seeds, and print its table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from decouple.config.command_line import Parsed
from decouple.errors import PartialFailureError
from decouple.figures.drawing import DrawnFigure
from decouple.figures.sweep_figures import draw_sweep_figures, require_sweep_figures
from decouple.reporting.output import emit
from decouple.reporting.plan_output import emit_plan
from decouple.reporting.tables import rows_table
from decouple.reporting.terminal import Block
from tuning.sweep.carried_table import carried_lines
from tuning.sweep.cell_states import DONE, FAILED, CellState
from tuning.sweep.dry_run import sweep_plan
from tuning.sweep.plan import checked_plan
from tuning.sweep.result_table import ResultRow
from tuning.sweep.run import SweepResult, run_plan
from tuning.sweep.settings import SweepConfig
from tuning.sweep.table_files import TABLE_FILES
from tuning.sweep.table_text import cell_lines, table_notes
from tuning.sweep.task_runner import task_log
from tuning.sweep.tuning_table import tuning_lines


@dataclass(frozen=True, kw_only=True)
class SweepRecord:
    """What `--json` prints of a sweep."""

    folder: str
    cells: Mapping[str, CellState]  # cell ->
    rows: Sequence[ResultRow]  # as in table.csv


@dataclass(frozen=True, kw_only=True)
class CollectionRecord:
    """What `--json` prints of a collection."""

    sweeps: Mapping[str, SweepRecord]  # name ->


def run(parsed: Parsed[SweepConfig]) -> None:
    """Run the cells that are not done, and print the table of all.

    Raises:
        PartialFailureError: cells have failed, in this call or an earlier one; the tables are written and printed.
    """
    if parsed.call.dry_run:
        emit_plan(parsed.call, sweep_plan(parsed.settings))
        return
    plan = checked_plan(parsed.settings)
    require_sweep_figures(plan.grids)
    results = run_plan(plan, parsed.settings)
    figures = {result.grid.name: draw_sweep_figures(result) for result in results}
    records = {result.grid.name: _record(result) for result in results}
    record = next(iter(records.values())) if len(results) == 1 else CollectionRecord(sweeps=records)
    rows: list[Mapping[str, object]] = [
        {**({"sweep": result.grid.name} if len(results) > 1 else {}), **row}
        for result in results
        for row in result.rows
    ]
    blocks = [_blocks(result, records[result.grid.name], figures[result.grid.name]) for result in results]
    summary = [block for blocks_of_grid in blocks for block in ("", *blocks_of_grid)][1:]
    emit(parsed.call, summary, record=record, rows=rows)
    states = [state for record in records.values() for state in record.cells.values()]
    failed = sum(state.state == FAILED for state in states)
    if failed:
        raise PartialFailureError(
            f"{failed} of {len(states)} cells failed; the same command with --retry runs them again"
        )


def _record(result: SweepResult) -> SweepRecord:
    return SweepRecord(folder=str(result.states.folder), cells=result.states.read(), rows=result.rows)


def _blocks(result: SweepResult, record: SweepRecord, figures: Sequence[DrawnFigure]) -> list[Block]:
    """Return what is printed of a sweep: its title and notes, the table, the failures and the files."""
    grid, cells = result.grid, record.cells
    failed = {name: cell.error for name, cell in cells.items() if cell.state == FAILED}
    figure = ", balanced.png" if (result.states.folder / "balanced.png").exists() else ""
    done = sum(cell.state == DONE for cell in cells.values())
    return [
        *([grid.title] if grid.title else []),
        *table_notes(grid),
        "% on the test split, mean ± standard deviation over n seeds",
        rows_table(cell_lines(result.rows), best=None),
        *_tuning(result),
        *_failures(failed, result),
        f"cells: {done} of {len(cells)} done, {len(failed)} failed",
        f"table: {result.states.folder / TABLE_FILES}{figure}",
        *(f"figure: {drawn.files[0]}" for drawn in figures),
    ]


def _tuning(result: SweepResult) -> list[Block]:
    """Return the searches of a sweep and the taus that were chosen elsewhere, where there are any."""
    blocks: list[Block] = []
    if result.searches:
        blocks += ["", "searches, % on held-out training images", rows_table(tuning_lines(result.searches), best=None)]
    if result.carried:
        lines = [{key: value for key, value in row.items() if key != "chosen"} for row in carried_lines(result.carried)]
        blocks += ["", "tau that was chosen elsewhere; tau.md says where", rows_table(lines, best=None)]
    return blocks


def _failures(failed: Mapping[str, str | None], result: SweepResult) -> list[str]:
    """Return a line for each error: the cells that have it, the error, and the logs of their runs."""
    lines = []
    runs = {cell.name: cell.run_folder for cell in result.cells}
    for error in dict.fromkeys(failed.values()):
        names = [name for name, other in failed.items() if other == error]
        logs = dict.fromkeys(str(log) for name in names if (log := task_log(runs[name])).exists())
        lines.append(f"failed: {', '.join(names)}: {error}" + (f"\n  log: {', '.join(logs)}" if logs else ""))
    return lines
