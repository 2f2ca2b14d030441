"""The measured tables of docs/results.md: sweeps of configs/tables with the profile `cpu`, and their results as CSV.

`python -m benchmarks.tables --runs FOLDER` runs what is not done, table after table, and writes two files a table under
benchmarks/results/tables/: NAME.csv, the tidy table, and NAME-seeds.csv, a row for each seed; `--collect` only writes.
It is resumable, and takes hours: about three on two idle cores. Needs the images of CIFAR-10 in the folder `data`.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import pandas as pd

from benchmarks.machine import provenance
from tuning.sweep.cell_states import DONE, CellStates
from tuning.sweep.cell_values import cell_values
from tuning.sweep.plan import read_plan
from tuning.sweep.settings import SweepConfig

_ROOT = Path(__file__).parent.parent
_FILES = _ROOT / "configs" / "tables"
RESULTS = _ROOT / "benchmarks" / "results" / "tables"
PROFILE: Literal["cpu"] = "cpu"
MEASURED = ("003-5.6", "003-5.5", "003-5.4", "comparison", "004-1", "004-2", "004-3", "004-4", "004-5")


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", default=MEASURED, metavar="NAME", help="tables; default: all measured ones")
    parser.add_argument("--runs", type=Path, default=Path("runs"), metavar="FOLDER", help="folder of the sweeps")
    parser.add_argument("--workers", type=int, default=2, help="trainings at a time")
    parser.add_argument("--collect", action="store_true", help="run nothing; write what is done")
    arguments = parser.parse_args(argv)
    for name in arguments.names:
        if not arguments.collect:
            subprocess.run(command(name, arguments.runs, arguments.workers), check=False)  # failed cells are listed
        collect(name, arguments.runs)


def command(name: str, runs: Path, workers: int) -> list[str]:
    """Return the command that runs a table."""
    options = ["--profile-run", PROFILE, "--runs", str(runs), "--workers", str(workers)]
    return [sys.executable, "-m", "decouple", "sweep", str(_FILES / f"{name}.yaml"), *options]


def collect(name: str, runs: Path) -> None:
    """Write the results of a table that are done; nothing if there are none."""
    table = runs / f"{name}-{PROFILE}" / "table.csv"
    rows = pd.read_csv(table).query("n > 0") if table.exists() else pd.DataFrame()
    if rows.empty:
        print(f"{name}: nothing is done")
        return
    RESULTS.mkdir(parents=True, exist_ok=True)
    source = {"command": f"decouple sweep configs/tables/{name}.yaml --profile-run {PROFILE}", **provenance()}
    rows.assign(**source).to_csv(RESULTS / f"{name}.csv", index=False, lineterminator="\n")
    seeds = pd.DataFrame(_seed_rows(name, runs)).assign(**source)
    seeds.to_csv(RESULTS / f"{name}-seeds.csv", index=False, lineterminator="\n")
    print(f"{name}: {len(rows)} values, {len(seeds)} of single seeds")


def _seed_rows(name: str, runs: Path) -> Iterator[dict[str, object]]:
    """Yield a row for each column of each cell that is done."""
    config = SweepConfig(file=str(_FILES / f"{name}.yaml"), runs=str(runs), profile_run=PROFILE)
    plan = read_plan(config)
    (grid,) = plan.grids
    states = CellStates(runs / f"{name}-{PROFILE}").read()
    for cell in plan.cells:
        state = states.get(cell.name)
        if state is None or state.state != DONE:
            continue
        names = {"data": cell.data, "stage1": cell.stage1, "stage2": cell.stage2, "seed": cell.seed}
        for column, value in cell_values(state, grid.table_columns, grid.groups).items():
            yield {**names, "split": column.split, "metric": column.metric, "value": value.value}


if __name__ == "__main__":
    main()
