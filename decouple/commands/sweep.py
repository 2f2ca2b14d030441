"""`decouple sweep`: a grid of data x stage one x stage two x seeds, and one table."""

from decouple.config import Parsed
from decouple.report.tables import console, rows_table
from tuning.sweep.run import run_sweep
from tuning.sweep.settings import SweepConfig
from tuning.sweep.states import DONE, FAILED
from tuning.sweep.table import cell_lines


def run(parsed: Parsed[SweepConfig]) -> None:
    """Do it."""
    states, rows = run_sweep(parsed.settings)
    out, cells = console(), states.read()
    out.print("% on the test split, mean ± standard deviation over n seeds", highlight=False)
    out.print(rows_table(cell_lines(rows), best=None))
    failed = {name: cell["error"] for name, cell in cells.items() if cell["state"] == FAILED}
    for error in dict.fromkeys(failed.values()):
        names = ", ".join(name for name, other in failed.items() if other == error)
        out.print(f"failed: {names}: {error}", highlight=False, markup=False, soft_wrap=True)
    done = sum(cell["state"] == DONE for cell in cells.values())
    hint = "; --retry runs those again" if failed else ""
    out.print(f"cells: {done} of {len(cells)} done, {len(failed)} failed{hint}", highlight=False, soft_wrap=True)
    out.print(f"table: {states.folder / 'table.csv'}, table.md, table.html", highlight=False, soft_wrap=True)
