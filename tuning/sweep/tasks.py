"""From the grid to its tasks: the settings of each combination, the runs that cells share, and their order."""

import dataclasses
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from decouple.errors import ConfigError, DecoupleError
from decouple.files.replicates import replicate_name
from stage1.settings import Stage1Config
from stage2.settings import Stage2Config
from tuning.sweep.builtin_profiles import require_cpu_data
from tuning.sweep.cells import SweepCell, SweepTask, TauSource
from tuning.sweep.grid import DataEntry, Stage1Entry, Stage2Entry, SweepGrid
from tuning.sweep.pool import digest_of, pooled_entry_name, pooled_run_name, settings_text
from tuning.sweep.profiles import tuned_by_profile
from tuning.sweep.settings_layers import merge_layers, scale_epochs
from tuning.sweep.stand_in import stand_in
from tuning.sweep.tune_settings import TauFrom

Settings = TypeVar("Settings", Stage1Config, Stage2Config)
_DEFAULT_EPOCHS = Stage1Config().epochs


def grid_tasks(grid: SweepGrid, runs: Path) -> list[SweepTask]:
    """Return the stage-one runs of a sweep with their cells, in the order in which they can be done.

    Args:
        grid: the sweep.
        runs: the folder that gets that of the sweep and those of pools.

    Raises:
        ConfigError: the settings of a combination contradict each other, no cell is left, or a tau has no source.
    """
    pairs: dict[tuple[str, str], tuple[DataEntry, Stage1Entry, list[Stage2Entry]]] = {}
    for data, stage1, stage2 in grid.combinations():
        pairs.setdefault((data.name, stage1.name), (data, stage1, []))[2].append(stage2)
    if not pairs:
        raise ConfigError(f"'cells' in {grid.path} leaves no cell; name fewer in 'exclude' or more in 'only'")
    seeds = [(pair, seed) for pair in pairs.values() for seed in _seeds(grid, pair[0], pair[1])]
    tasks = [_task(grid, runs, pair, seed) for pair, seed in seeds]
    _require_different_cells(grid, tasks)
    return merge_tasks(_with_tau_sources(grid, tasks))


def merge_tasks(tasks: list[SweepTask]) -> list[SweepTask]:
    """Return the tasks with those of one run, which entries or sweeps share, as one.

    Cells that need a result of another run come in tasks of their own, after those of that run.
    """
    merged: dict[tuple[Path, frozenset[Path]], SweepTask] = {}
    for task in tasks:
        for after in (frozenset[Path](), *{_needed_runs(task, cell) for cell in task.cells} - {frozenset[Path]()}):
            cells = tuple(cell for cell in task.cells if _needed_runs(task, cell) == after)
            if not cells:
                continue
            key = (task.run, after)
            earlier = merged[key].cells if key in merged else ()
            merged[key] = _with_cells(task, (*earlier, *cells), after)
    return sorted(merged.values(), key=lambda task: len(task.after))


def _with_cells(task: SweepTask, cells: tuple[SweepCell, ...], after: frozenset[Path]) -> SweepTask:
    ordered = sorted(cells, key=lambda cell: cell.tau_from is not None)
    return dataclasses.replace(task, cells=tuple(ordered), after=after)


def _needed_runs(task: SweepTask, cell: SweepCell) -> frozenset[Path]:
    """Return the other runs whose results a cell needs."""
    if cell.tau_from is None or cell.tau_from.run in (None, cell.run):
        return frozenset()
    return frozenset({Path(task.config.runs) / cell.tau_from.run})


def training_settings(grid: SweepGrid, data: DataEntry, stage1: Stage1Entry) -> Stage1Config:
    """Return the settings of a training, without name, folder and seed.

    Raises:
        ConfigError: a value is refused, or values contradict each other.
    """
    profile, source = grid.profile, f"data '{data.name}' and stage1 '{stage1.name}' of {grid.path}"
    data_layers = (data.recipe, grid.defaults["data"], profile.defaults.get("data", {}), data.options, profile.data)
    images = merge_layers(data_layers)
    if profile.stand_in:
        images = stand_in(images)
    if profile.name == "cpu":
        require_cpu_data(images, f"data '{data.name}' of {grid.path}")
    overrides = grid.overrides_of("stage1", data.name, stage1.name)
    own = merge_layers(
        [grid.defaults["stage1"], profile.defaults.get("stage1", {}), stage1.options, data.stage1, *overrides]
    )
    recipe, _ = Stage1Config.adapt_file(dict(stage1.recipe), own)
    options = {"epochs": _DEFAULT_EPOCHS, **merge_layers([recipe, own])}
    return _make(Stage1Config, {**images, **scale_epochs(options, profile.stage1)}, source)


def method_settings(grid: SweepGrid, names: tuple[str, str], entry: Stage2Entry) -> Stage2Config:
    """Return the settings of a method on the data and stage one of these names, without seed; errors as above."""
    profile, source = grid.profile, f"{entry.source}, on data '{names[0]}' and stage1 '{names[1]}'"
    defaults = (grid.defaults["stage2"], profile.defaults.get("stage2", {}))
    overrides = grid.overrides_of("stage2", *names, entry.name)
    options = merge_layers([entry.recipe, *defaults, entry.options, *overrides, profile.stage2])
    return _make(Stage2Config, options, source)


def _seeds(grid: SweepGrid, data: DataEntry, stage1: Stage1Entry) -> tuple[int, ...]:
    seeds = grid.seeds_of(data, stage1)
    if not seeds:
        raise ConfigError(f"'seeds' in {grid.path}: no seed is left for data '{data.name}' and stage1 '{stage1.name}'")
    return seeds


def _task(grid: SweepGrid, runs: Path, pair: tuple[DataEntry, Stage1Entry, list[Stage2Entry]], seed: int) -> SweepTask:
    data, stage1, methods = pair
    folder = runs / grid.folder_name
    tune = tuned_by_profile(stage1.tune, grid.profile)
    config = dataclasses.replace(training_settings(grid, data, stage1), seed=seed)
    pooled = grid.pool_name is not None
    run = pooled_run_name(config, tune) if pooled else replicate_name(f"{data.name}-{stage1.name}", seed)
    config = dataclasses.replace(config, name=run, runs=str(runs / str(grid.pool_name) if pooled else folder))
    measured = ["training loss"] if any(column.metric == "loss" for column in grid.columns) else []
    cells = []
    for entry in methods:
        settings = dataclasses.replace(method_settings(grid, (data.name, stage1.name), entry), seed=seed)
        cell = SweepCell(
            data=data.name,
            stage1=stage1.name,
            stage2=entry.name,
            seed=seed,
            folder=folder,
            run_folder=Path(config.runs) / run,
            entry=pooled_entry_name(settings, None) if pooled else entry.name,
            settings=settings,
            fingerprint=digest_of(settings_text(config), settings_text(settings), repr(tune), str(seed), *measured),
            groups=grid.groups,
            training_loss=bool(measured),
        )
        cells.append(cell)
    return SweepTask(config=config, cells=tuple(cells), tune=tune, pooled=pooled, figures=not grid.profile.stand_in)


def _with_tau_sources(grid: SweepGrid, tasks: list[SweepTask]) -> list[SweepTask]:
    """Return the tasks with the source of tau of each cell that has one."""
    sources = {entry.name: entry.tau_from for entry in grid.stage2}
    cells = {(cell.data, cell.stage1, cell.stage2, cell.seed): cell for task in tasks for cell in task.cells}
    resolved = partial(_with_tau_source, grid, sources, cells)
    return [dataclasses.replace(task, cells=tuple(map(resolved, task.cells))) for task in tasks]


def _with_tau_source(
    grid: SweepGrid,
    sources: Mapping[str, TauFrom | None],
    cells: Mapping[tuple[str, str, str, int], SweepCell],
    cell: SweepCell,
) -> SweepCell:
    tau_from = sources[cell.stage2]
    if tau_from is None:
        return cell
    key = f"'tau_from' of stage2 '{cell.stage2}' in {grid.path}"
    if cell.settings.tau is not None:
        raise ConfigError(f"{key} and 'tau' contradict each other; leave one out")
    if tau_from.stage1 is None or tau_from.stage2 is None:
        return _tau_cell(grid, cell, TauSource(weights=cell.settings.weights))
    origin = sources[tau_from.stage2]
    if origin is not None and origin.stage1 is not None:
        raise ConfigError(f"{key} names '{tau_from.stage2}', whose tau is that of another cell; name that cell")
    source = cells.get((cell.data, tau_from.stage1, tau_from.stage2, cell.seed))
    if source is None:
        raise ConfigError(
            f"{key} needs the cell data '{cell.data}', stage1 '{tau_from.stage1}', stage2 '{tau_from.stage2}', "
            f"seed {cell.seed}, which is not run; see 'cells' and 'seeds'"
        )
    if source.settings.method != cell.settings.method:
        raise ConfigError(f"{key} names a cell of another method, '{source.settings.method}'")
    if origin is not None:
        source = _tau_cell(grid, source, TauSource(weights=source.settings.weights))
    return _tau_cell(grid, cell, TauSource(source.run, source.entry, source.settings.weights))


def _tau_cell(grid: SweepGrid, cell: SweepCell, source: TauSource) -> SweepCell:
    entry = cell.entry if grid.pool_name is None else pooled_entry_name(cell.settings, source)
    return dataclasses.replace(
        cell, tau_from=source, entry=entry, fingerprint=digest_of(cell.fingerprint, repr(source))
    )


def _require_different_cells(grid: SweepGrid, tasks: list[SweepTask]) -> None:
    names = [cell.name for task in tasks for cell in task.cells]
    if len(set(names)) < len(names):
        name = next(name for name in names if names.count(name) > 1)
        raise ConfigError(f"two cells of {grid.path} are called '{name}'; rename an entry of data or stage1")


def _make(settings_type: type[Settings], options: Mapping[str, Any], source: str) -> Settings:
    try:
        return settings_type(**options)
    except DecoupleError as error:
        raise ConfigError(f"{source}: {error}") from None
