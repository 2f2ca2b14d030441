"""`decouple sweep`: a grid of data x stage one x stage two x seeds, and one table."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from decouple.config.command_line import Parsed
from decouple.errors import PartialFailureError
from decouple.report.tables import console, rows_table
from tuning.sweep.pool import log_of
from tuning.sweep.run import run_sweep
from tuning.sweep.settings import SweepConfig
from tuning.sweep.states import DONE, FAILED
from tuning.sweep.table import cell_lines


def run(parsed: Parsed[SweepConfig]) -> None:
    """Do it.

    Raises:
        PartlyFailed: cells have failed, in this call or an earlier one; the table has been written and printed.
    """
    states, rows = run_sweep(parsed.settings)
    out, cells = console(), states.read()
    out.print("% on the test split, mean ± standard deviation over n seeds", highlight=False)
    out.print(rows_table(cell_lines(rows), best=None))
    failed = {name: cell["error"] for name, cell in cells.items() if cell["state"] == FAILED}
    for line in _failures(failed, states.folder):
        out.print(line, highlight=False, markup=False, soft_wrap=True)
    done = sum(cell["state"] == DONE for cell in cells.values())
    out.print(f"cells: {done} of {len(cells)} done, {len(failed)} failed", highlight=False, soft_wrap=True)
    files = "table.md, table.html, balanced.png"
    out.print(f"table: {states.folder / 'table.csv'}, {files}", highlight=False, soft_wrap=True)
    if failed:
        raise PartialFailureError(
            f"{len(failed)} of {len(cells)} cells failed; the same command with --retry runs them again"
        )


def _failures(failed: Mapping[str, Any], folder: Path) -> list[str]:
    """Return a line for each error: the cells that have it, the error, and the logs of their runs."""
    lines = []
    for error in dict.fromkeys(failed.values()):
        names = [name for name, other in failed.items() if other == error]
        logs = dict.fromkeys(str(log_of(folder, name.split("/")[0])) for name in names)
        lines.append(f"failed: {', '.join(names)}: {error}\n  log: {', '.join(logs)}")
    return lines
