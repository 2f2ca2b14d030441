"""The taus of a sweep that were chosen elsewhere than on their run: a row for each cell, as CSV and Markdown."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypedDict

from decouple.files.run_dir import RunDir
from tuning.held_out_tau import tau_of
from tuning.sweep.cell_states import DONE, CellState
from tuning.sweep.cells import SweepCell
from tuning.sweep.side_table import write_side_table


class CarriedRow(TypedDict):
    """The tau of a cell and where it was chosen."""

    data: str
    stage1: str
    stage2: str
    seed: int
    tau: float
    chosen: str


def carried_rows(cells: Iterable[SweepCell], states: Mapping[str, CellState]) -> list[CarriedRow]:
    """Return a row for each finished cell that has a `tau_from`."""
    return [
        _row(cell)
        for cell in cells
        if cell.tau_from is not None and cell.name in states and states[cell.name].state == DONE
    ]


def write_carried_table(folder: Path, title: str, rows: Sequence[CarriedRow]) -> None:
    """Write tau.csv and tau.md, or delete those of an earlier call where no tau is carried over."""
    write_side_table(folder / "tau", f"Carried tau of {title}", rows, carried_lines(rows))


def carried_lines(rows: Sequence[CarriedRow]) -> list[dict[str, object]]:
    """Return the rows formatted for reading."""
    return [{**row, "seed": str(row["seed"]), "tau": f"{row['tau']:g}"} for row in rows]


def _row(cell: SweepCell) -> CarriedRow:
    run, weights = RunDir(cell.run_folder), cell.settings.weights
    return CarriedRow(
        data=cell.data,
        stage1=cell.stage1,
        stage2=cell.stage2,
        seed=cell.seed,
        tau=tau_of(run, weights, cell.entry),
        chosen=run.read_stage2(weights)[cell.entry].selection.by or "-",
    )
