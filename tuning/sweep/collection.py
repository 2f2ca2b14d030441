"""A sweep's file, or a collection: a file that names several with `include`."""

import dataclasses
from pathlib import Path
from typing import Any

from decouple.config.fields import Values
from decouple.config.yaml_file import read_yaml
from decouple.errors import ConfigError
from tuning.sweep.entries import plain_name, refuse_unknown
from tuning.sweep.grid import SweepGrid
from tuning.sweep.grid_file import parse_grid
from tuning.sweep.profile import FULL

COLLECTION_KEYS = ("name", "title", "source", "pool", "include", "workers")


def read_sweep_file(path: Path, profile: str = FULL.name) -> tuple[str, tuple[SweepGrid, ...]]:
    """Return the name of a sweep's file with its grid, or that of a collection with the grids of its files.

    Raises:
        ConfigError: a file cannot be read, or something in it is wrong.
    """
    values = read_yaml(path)
    if "figure" in values:
        raise ConfigError(f"{path} describes a figure, not a sweep; draw it with: decouple figure {path}")
    if "include" not in values:
        grid = parse_grid(values, path, profile)
        return grid.name, (grid,)
    return _read_collection(values, path, profile)


def _read_collection(values: Values, path: Path, profile: str) -> tuple[str, tuple[SweepGrid, ...]]:
    refuse_unknown(values, COLLECTION_KEYS, f"the collection {path}")
    name = plain_name(values.get("name", path.stem), str(path))
    pool = values.get("pool")
    files = _files(values["include"], path)
    grids = []
    for file in files:
        member = read_yaml(file)
        if "include" in member:
            raise ConfigError(f"'include' in {path} names the collection {file}; name the files in it")
        grid = parse_grid(member, file, profile)
        if pool is not None and grid.pool is None:
            grid = dataclasses.replace(grid, pool=plain_name(pool, str(path), "pool"))
        grids.append(grid)
    _require_different_folders(grids, path)
    workers = _workers(values.get("workers"), path)
    return name, tuple(dataclasses.replace(grid, workers=workers or grid.workers) for grid in grids)


def _files(value: Any, path: Path) -> list[Path]:
    if not isinstance(value, list) or not value or not all(isinstance(name, str) for name in value):
        raise ConfigError(f"'include' in {path} must be a list of files, got '{value}'")
    files = [path.parent / name for name in value]
    repeated = next((file for file in files if files.count(file) > 1), None)
    if repeated is not None:
        raise ConfigError(f"'include' in {path} names {repeated.name} twice; keep one")
    missing = next((file for file in files if not file.is_file()), None)
    if missing is not None:
        raise ConfigError(f"'include' in {path} names {missing}, which is no file")
    return files


def _workers(value: object, path: Path) -> int | None:
    if value is None or (type(value) is int and value >= 1):
        return value
    raise ConfigError(f"'workers' in {path} must be a whole number, 1 or more, got '{value}'")


def _require_different_folders(grids: list[SweepGrid], path: Path) -> None:
    names = [grid.name for grid in grids]
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        files = " and ".join(str(grid.path) for grid in grids if grid.name == repeated)
        raise ConfigError(f"two files of the collection {path} have the 'name' {repeated}: {files}")
