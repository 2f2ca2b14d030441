"""The runs and the sweeps that figures are drawn from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from decouple.files.run_dir import RunDir


@dataclass(frozen=True)
class LabelledRun:
    """A finished run, and what a figure calls it."""

    label: str
    run: RunDir


@dataclass(frozen=True)
class TableRow:
    """A row of the table of a sweep: one metric of one cell, in percent."""

    data: str
    stage1: str
    stage2: str
    column: str  # SPLIT/METRIC
    mean: float | None
    std: float | None  # over seeds
    n: int


@dataclass(frozen=True)
class SweepTable:
    """The table of a sweep, and the settings of its entries."""

    folder: Path
    title: str
    rows: Sequence[TableRow]
    settings: Mapping[tuple[str, str], Mapping[str, object]]  # (axis, entry) -> its settings
