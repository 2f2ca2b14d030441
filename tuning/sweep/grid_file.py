"""The file of a sweep: its keys, and the grid that they describe."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from decouple.config.yaml_file import read_yaml
from decouple.errors import ConfigError
from tuning.sweep.cell_pattern import CellPattern, parse_pattern, parse_patterns
from tuning.sweep.entries import (
    axis_settings,
    parse_data_entries,
    parse_seed_limit,
    parse_stage1_entries,
    parse_stage2_entries,
    plain_name,
    refuse_unknown,
)
from tuning.sweep.grid import AXES, GridEntry, Override, SweepGrid
from tuning.sweep.profile import FULL
from tuning.sweep.profiles import choose_profile
from tuning.sweep.table_columns import default_columns
from tuning.sweep.table_options import parse_averages, parse_columns, parse_groups
from tuning.sweep.unmatched import parse_unmatched

KEYS = (
    "name", "title", "source", "pool", "defaults", "data", "stage1", "stage2", "overrides", "cells", "seeds", "workers",
    "groups", "columns", "average", "figures", "published", "published_splits", "published_metrics", "unmatched",
    "profiles",
)  # fmt: skip
_TYPE_NAMES = {str: "text", int: "a whole number", dict: "a mapping", list: "a list"}

Value = TypeVar("Value")
Default = TypeVar("Default")


def read_grid_file(path: Path, profile: str = FULL.name) -> SweepGrid:
    """Return the sweep that a YAML file describes, under a profile.

    Raises:
        ConfigError: the file cannot be read, a key is unknown or missing, or a value is refused.
    """
    return parse_grid(read_yaml(path), path, profile)


def parse_grid(values: Mapping[str, Any], path: Path, profile: str = FULL.name) -> SweepGrid:
    """Return the sweep that the values of a file describe; see `read_grid_file`."""
    refuse_unknown(values, KEYS, str(path))
    for key in ("name", "stage2"):
        if key not in values:
            raise ConfigError(f"{path} needs '{key}'")
    workers = _value(values, "workers", int, 1, path)
    if workers < 1:
        raise ConfigError(f"'workers' in {path} must be 1 or more, got {workers}")
    names = {"workers": workers, **_texts(values, path), **_entries(values, path)}
    entry_names = {axis: [entry.name for entry in names[axis]] for axis in AXES}
    grid = SweepGrid(
        path=path,
        **names,
        **_table_keys(values, path),
        **_cells(values, entry_names, path),
        overrides=_overrides(values, entry_names, path),
        profile=choose_profile(profile, values.get("profiles", {}), entry_names, path),
    )
    _require_published_file(grid)
    _require_known_tau_sources(grid, entry_names)
    return grid


def _texts(values: Mapping[str, Any], path: Path) -> dict[str, Any]:
    pool = _value(values, "pool", str, None, path)
    return {
        "name": plain_name(_value(values, "name", str, "", path), str(path)),
        "title": _value(values, "title", str, None, path),
        "source": _value(values, "source", str, None, path),
        "pool": None if pool is None else plain_name(pool, str(path), "pool"),
    }


def _entries(values: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Return the entries of each axis, the settings under them, and the seeds."""
    layers = _value(values, "defaults", dict, {}, path)
    defaults = _axis_layers(layers, f"'defaults' in {path}")
    entries: dict[str, Sequence[GridEntry]] = {
        "data": parse_data_entries(values.get("data", [{}]), defaults["data"], path),
        "stage1": parse_stage1_entries(values.get("stage1", [{}]), defaults["stage1"], path),
        "stage2": parse_stage2_entries(values["stage2"], defaults["stage2"], path),
    }
    for axis, axis_entries in entries.items():
        _require_different_names(axis, axis_entries, path)
    limit = parse_seed_limit(values.get("seeds"), str(path))
    seeds = tuple(range(limit)) if isinstance(limit, int) else limit
    return {**entries, "defaults": defaults, "seeds": seeds}


def _table_keys(values: Mapping[str, Any], path: Path) -> dict[str, Any]:
    groups = parse_groups(values.get("groups", "many_medium_few"), str(path))
    splits = _value(values, "published_splits", dict, {}, path)
    columns = parse_columns(values["columns"], groups, str(path)) if "columns" in values else ()
    known = columns or default_columns(groups, searches=True)
    refuse_unknown(splits, dict.fromkeys(column.split for column in known), f"published_splits of {path}")
    metrics = _value(values, "published_metrics", dict, {}, path)
    names = [name for column in known for name in (column.key, column.metric)]
    refuse_unknown(metrics, dict.fromkeys(names), f"published_metrics of {path}")
    figures = _value(values, "figures", list, [], path)
    for number, figure in enumerate(figures, start=1):
        if not isinstance(figure, dict) or not isinstance(figure.get("name"), str):
            raise ConfigError(f"entry {number} of 'figures' in {path} must be a mapping with 'name', got '{figure}'")
    return {
        "groups": groups,
        "columns": columns,
        "average": parse_averages(values["average"], str(path)) if "average" in values else (),
        "figures": tuple(figures),
        "published": _value(values, "published", str, None, path),
        "published_splits": splits,
        "published_metrics": metrics,
        "unmatched": parse_unmatched(values["unmatched"], path) if "unmatched" in values else (),
    }


def _cells(values: Mapping[str, Any], names: Mapping[str, Sequence[str]], path: Path) -> dict[str, Any]:
    cells = _value(values, "cells", dict, {}, path)
    refuse_unknown(cells, ("only", "exclude"), f"'cells' in {path}")
    patterns: dict[str, tuple[CellPattern, ...]] = {
        key: parse_patterns(cells[key], names, f"'cells.{key}' in {path}") for key in cells
    }
    return patterns


def _overrides(values: Mapping[str, Any], names: Mapping[str, Sequence[str]], path: Path) -> tuple[Override, ...]:
    overrides = []
    for number, mapping in enumerate(_value(values, "overrides", list, [], path), start=1):
        source = f"overrides {number} of {path}"
        if not isinstance(mapping, dict) or "settings" not in mapping:
            raise ConfigError(f"{source} must be a mapping with 'settings' and names of entries, got '{mapping}'")
        pattern = parse_pattern({key: mapping[key] for key in mapping if key != "settings"}, names, source)
        axis = "stage1" if pattern.stage2 is None else "stage2"
        settings = axis_settings(axis, mapping["settings"], f"'settings' in {source}")
        overrides.append(Override(pattern=pattern, settings=settings, source=source))
    return tuple(overrides)


def _axis_layers(values: Mapping[str, Any], source: str) -> dict[str, dict[str, Any]]:
    """Return the settings of each axis in a mapping from axes to settings."""
    refuse_unknown(values, AXES, source)
    return {axis: axis_settings(axis, values.get(axis, {}), f"'{axis}' of {source}") for axis in AXES}


def _require_different_names(axis: str, entries: Sequence[GridEntry], path: Path) -> None:
    names = [entry.name for entry in entries]
    duplicate = next((name for name in names if names.count(name) > 1), None)
    if duplicate is not None:
        raise ConfigError(f"two entries of '{axis}' in {path} are called '{duplicate}'; give each a 'name' of its own")


def _require_published_file(grid: SweepGrid) -> None:
    names = [entry.name for entries in grid.entries.values() for entry in entries if entry.published is not None]
    if names and grid.published is None:
        raise ConfigError(f"'{names[0]}' in {grid.path} names published values; say in which file with 'published'")


def _require_known_tau_sources(grid: SweepGrid, names: Mapping[str, Sequence[str]]) -> None:
    for entry in grid.stage2:
        if entry.tau_from is not None and entry.tau_from.stage1 is not None:
            cell = {"stage1": entry.tau_from.stage1, "stage2": entry.tau_from.stage2}
            parse_pattern(cell, names, f"'tau_from' in {entry.source}")


def _value(
    values: Mapping[str, Any], key: str, value_type: type[Value], default: Default, path: Path
) -> Value | Default:
    if key not in values:
        return default
    value = values[key]
    if not isinstance(value, value_type) or isinstance(value, bool):
        raise ConfigError(f"'{key}' in {path} must be {_TYPE_NAMES[value_type]}, got '{value}'.")
    return value
