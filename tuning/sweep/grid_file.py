"""The file of a sweep: its keys, and the entries of its grid."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

from decouple.config.settings_yaml import from_mapping
from decouple.config.yaml_file import read_yaml
from decouple.datasets.settings import DataConfig
from decouple.errors import ConfigError
from decouple.lookup import look_up
from decouple.nearest_name import did_you_mean
from stage1.settings import Stage1Config
from stage2.external_features_settings import ExternalFeaturesOptions
from stage2.methods import METHODS
from stage2.settings import ALL, Stage2Config
from tuning.sweep.grid import DATA_OPTIONS, GROUPS, GridEntry, Settings, SweepGrid

KEYS = ("name", "data", "stage1", "stage2", "seeds", "workers", "groups", "published", "published_splits")
SET_BY_SWEEP = frozenset({"run", "runs", "seed", "seeds", "name", "resume", "device"})
_STAGE1_OPTIONS = frozenset(field.name for field in fields(Stage1Config)) - DATA_OPTIONS - SET_BY_SWEEP
_STAGE2_OPTIONS = frozenset(field.name for field in fields(Stage2Config)) - SET_BY_SWEEP
ALLOWED = {
    "data": DATA_OPTIONS,
    "stage1": _STAGE1_OPTIONS,
    "stage2": _STAGE2_OPTIONS
    - {"root", "refresh_features", "groups"}
    - {field.name for field in fields(ExternalFeaturesOptions)},
}
NAMED_BY = {"data": "data", "stage1": "loss", "stage2": "method"}  # the setting that names an entry without a name
_TYPE_NAMES = {str: "text", int: "a whole number", dict: "a mapping"}

Value = TypeVar("Value")
Default = TypeVar("Default")


def read_grid_file(path: Path) -> SweepGrid:
    """Return the sweep that a YAML file describes.

    Raises:
        ConfigError: the file cannot be read, a key is unknown or missing, or a value is refused.
    """
    values = read_yaml(path)
    _refuse_unknown(values, KEYS, str(path))
    for key in ("name", "stage2"):
        if key not in values:
            raise ConfigError(f"{path} needs '{key}'")
    groups = _value(values, "groups", str, "many_medium_few", path)
    look_up(GROUPS, groups, f"scheme of groups in {path}")
    splits = _value(values, "published_splits", dict, {}, path)
    _refuse_unknown(splits, ("all", "long_tailed", *GROUPS[groups]), f"published_splits of {path}")
    workers = _value(values, "workers", int, 1, path)
    if workers < 1:
        raise ConfigError(f"'workers' in {path} must be 1 or more, got {workers}")
    grid = SweepGrid(
        path=path,
        name=_plain_name(_value(values, "name", str, "", path), str(path)),
        data=_entries(values, "data", DataConfig, path),
        stage1=_entries(values, "stage1", Stage1Config, path),
        stage2=_entries(values, "stage2", Stage2Config, path),
        seeds=_seeds(values.get("seeds", 1), path),
        workers=workers,
        groups=groups,
        published=_value(values, "published", str, None, path),
        published_splits=splits,
    )
    _require_published_file(grid)
    return grid


def _require_published_file(grid: SweepGrid) -> None:
    entries: list[GridEntry[Any]] = [*grid.data, *grid.stage1, *grid.stage2]
    names = [entry.name for entry in entries if entry.published is not None]
    if names and grid.published is None:
        raise ConfigError(f"'{names[0]}' in {grid.path} names published values; say in which file with 'published'")


def _value(
    values: Mapping[str, Any], key: str, value_type: type[Value], default: Default, path: Path
) -> Value | Default:
    if key not in values:
        return default
    value = values[key]
    if not isinstance(value, value_type) or isinstance(value, bool):
        raise ConfigError(f"'{key}' in {path} must be {_TYPE_NAMES[value_type]}, got '{value}'.")
    return value


def _seeds(value: object, path: Path) -> tuple[int, ...]:
    """Return the seeds: so many from 0 on, or those in the list."""
    seeds = list(range(value)) if isinstance(value, int) and not isinstance(value, bool) else value
    if (
        not isinstance(seeds, list)
        or not seeds
        or not all(type(seed) is int and seed >= 0 for seed in seeds)
        or len(set(seeds)) < len(seeds)
    ):
        raise ConfigError(f"'seeds' in {path} must be a number of seeds or a list of different ones, got '{value}'")
    return tuple(seeds)


def _entries(
    values: Mapping[str, Any], axis: str, settings_type: type[Settings], path: Path
) -> tuple[GridEntry[Settings], ...]:
    mappings = values.get(axis, [{}])
    if not isinstance(mappings, list) or not mappings or not all(isinstance(entry, dict) for entry in mappings):
        raise ConfigError(f"'{axis}' in {path} must be a list of mappings")
    entries = tuple(
        _entry(mapping, axis, settings_type, f"{axis} {number} of {path}")
        for number, mapping in enumerate(mappings, start=1)
    )
    names = [entry.name for entry in entries]
    duplicate = next((name for name in names if names.count(name) > 1), None)
    if duplicate is not None:
        raise ConfigError(f"two entries of '{axis}' in {path} are called '{duplicate}'; give each a 'name' of its own")
    return entries


def _entry(values: Mapping[str, Any], axis: str, settings_type: type[Settings], source: str) -> GridEntry[Settings]:
    """Return an entry; `source` says in messages where it stands."""
    options = {key: value for key, value in values.items() if key not in ("name", "published")}
    for other in ("data", "stage1"):
        misplaced = next((key for key in options if key in ALLOWED[other] - ALLOWED[axis]), None)
        if misplaced is not None and axis != "stage2":
            raise ConfigError(f"'{misplaced}' in {source} belongs to an entry of '{other}'")
    _refuse_unknown(options, (*ALLOWED[axis], "name", "published"), source)
    settings = from_mapping(settings_type, options, source)
    name = values.get("name", getattr(settings, NAMED_BY[axis]))
    if isinstance(settings, Stage2Config):
        _require_one_method(settings, name, source)
    published = values.get("published")
    if published is not None and not isinstance(published, dict):
        raise ConfigError(f"'published' in {source} must be a mapping, got '{published}'.")
    return GridEntry(_plain_name(name, source), settings, published)


def _require_one_method(settings: Stage2Config, name: object, source: str) -> None:
    if settings.method == ALL:
        raise ConfigError(f"{source} needs a 'method', one for each entry")
    if name != settings.method and name in (ALL, *METHODS):
        raise ConfigError(
            f"'name' in {source} is '{name}', which means something else than its method, '{settings.method}'"
        )


def _plain_name(name: object, source: str) -> str:
    if not isinstance(name, str) or not re.fullmatch(r"\w[\w.+-]*", name):
        raise ConfigError(f"'name' in {source} must be of letters, digits, '.', '+', '-' and '_', got '{name}'")
    return name


def _refuse_unknown(values: Mapping[str, Any], known: Iterable[str], source: str) -> None:
    names = sorted(known)
    for key in values:
        if key in SET_BY_SWEEP and key not in names:
            raise ConfigError(f"'{key}' in {source} is set by the sweep; leave it out")
        if key not in names:
            raise ConfigError(f"unknown key '{key}' in {source}.{did_you_mean(str(key), names)}")
