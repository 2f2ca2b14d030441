"""The trainings and the table of a sweep that figures are drawn from."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from decouple.errors import ConfigError, RunError
from decouple.figures.settings import FigureConfig
from decouple.figures.sources import AXES, LabelledRun, SweepTable, TableRow, labels_of
from decouple.files.csv_files import unescape_formula
from decouple.files.run_dir import RunDir
from decouple.files.run_manifest import FINISHED
from decouple.files.text_files import read_text
from decouple.nearest_name import did_you_mean
from decouple.reporting.chosen_method import NO_METHOD
from tuning.sweep.cells import SweepCell
from tuning.sweep.grid import SweepGrid
from tuning.sweep.plan import read_plan
from tuning.sweep.profile import PROFILE_NAMES
from tuning.sweep.settings import SweepConfig


@dataclass(frozen=True)
class SweepSource:
    """A sweep whose cells have been run, all or some of them."""

    grid: SweepGrid
    cells: Sequence[SweepCell]
    folder: Path

    @property
    def title(self) -> str:
        """The title of the sweep, else its name."""
        return self.grid.title or self.grid.name

    def require_entries(self, config: FigureConfig) -> None:
        """Check that the entries of a figure are those of the sweep.

        Raises:
            ConfigError: one is not.
        """
        for axis in AXES:
            known = [entry.name for entry in self.grid.entries[axis]] + [NO_METHOD] * (axis == "stage2")
            for name in (*getattr(config, axis), *(config.without if axis == "stage1" else ())):
                if name not in known:
                    raise ConfigError(
                        f"`{axis}` of a figure of {self.grid.path}: there is no entry '{name}'."
                        f"{did_you_mean(name, known)} Known: {', '.join(known)}"
                    )

    def trainings(self, config: FigureConfig) -> tuple[LabelledRun, ...]:
        """Return the trainings of the entries that `data` and `stage1` name, each with its finished seeds.

        Raises:
            RunError: none is finished.
        """
        cells: dict[tuple[str, str], list[SweepCell]] = {}
        for cell in self._picked(config):
            cells.setdefault((cell.data, cell.stage1), []).append(cell)
        seeds = {names: _finished_runs(members) for names, members in cells.items()}
        finished = [names for names in cells if seeds[names]]
        if not finished:
            raise RunError(f"no run of the sweep {self.grid.name} in {self.folder} is finished")
        several_data = len({data for data, _ in finished}) > 1
        names = [f"{data} {stage1}" if several_data else stage1 for data, stage1 in finished]
        labels = labels_of(config, names)
        return tuple(
            LabelledRun(label, seeds[key], _entries(cells[key])) for label, key in zip(labels, finished, strict=True)
        )

    def table(self, config: FigureConfig) -> SweepTable:
        """Return the rows of table.csv of the entries that the figure names."""
        names = {axis: [entry.name for entry in self.grid.entries[axis]] for axis in AXES}
        picked = {axis: list(getattr(config, axis) or names[axis]) for axis in AXES}
        picked["stage1"] = [name for name in picked["stage1"] if name not in config.without]
        rows = [row for row in _read_rows(self.folder / "table.csv") if all(getattr(row, a) in picked[a] for a in AXES)]
        settings = {
            (axis, entry.name): {**self.grid.defaults.get(axis, {}), **entry.recipe, **entry.options}
            for axis in AXES
            for entry in self.grid.entries[axis]
        }
        return SweepTable(self.folder, self.title, rows, settings)

    def _picked(self, config: FigureConfig) -> Iterator[SweepCell]:
        for cell in self.cells:
            named = all(not getattr(config, axis) or getattr(cell, axis) in getattr(config, axis) for axis in AXES[:2])
            if named and cell.stage1 not in config.without:
                yield cell


def open_sweep(folder: str, runs: str) -> SweepSource:
    """Return the sweep whose results are in `folder`, or in the folder of that name under `runs`.

    Raises:
        RunError: it holds no sweep.
    """
    path = Path(runs) / folder if Path(folder).name == folder and not Path(folder).is_dir() else Path(folder)
    file = path / "sweep.yaml"
    if not file.is_file():
        raise RunError(f"there is no sweep in {path}; run one with `decouple sweep FILE.yaml`, or name its folder")
    for profile in PROFILE_NAMES:
        plan = read_plan(SweepConfig(file=str(file), runs=str(path.parent), profile_run=profile))  # type: ignore[arg-type]
        for grid in plan.grids:
            if grid.folder_name == path.name:
                return SweepSource(grid, plan.cells_of(grid, path.parent), path)
    raise RunError(f"{path} is not the folder of the sweep in its sweep.yaml; keep the name that the sweep has given")


def _finished_runs(cells: Sequence[SweepCell]) -> tuple[RunDir, ...]:
    """Return the finished runs of the cells of one training, by seed."""
    folders: Mapping[int, Path] = {cell.seed: cell.run_folder for cell in cells}
    runs = [RunDir(folders[seed]) for seed in sorted(folders)]
    return tuple(run for run in runs if run.manifest.exists() and run.read_manifest().status == FINISHED)


def _entries(cells: Sequence[SweepCell]) -> dict[str, str]:
    return {cell.stage2: NO_METHOD if cell.settings.method == NO_METHOD else cell.entry for cell in cells}


def _read_rows(path: Path) -> list[TableRow]:
    """Return the rows of table.csv.

    Raises:
        RunError: it is missing.
    """
    if not path.is_file():
        raise RunError(f"there is no table {path}; run the sweep first")
    rows = csv.DictReader(io.StringIO(read_text(path)))
    return [
        TableRow(
            data=unescape_formula(row["data"]),
            stage1=unescape_formula(row["stage1"]),
            stage2=unescape_formula(row["stage2"]),
            column=f"{row['split']}/{row['metric']}",
            mean=_number(row["mean"]),
            std=_number(row["std"]),
        )
        for row in rows
    ]


def _number(text: str) -> float | None:
    return float(text) if text else None
