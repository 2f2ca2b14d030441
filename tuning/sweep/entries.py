"""The entries of a sweep's file: one choice along one axis each."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from decouple.config.recipes import settings_file
from decouple.config.settings_yaml import checked_mapping
from decouple.config.yaml_file import read_yaml
from decouple.datasets.settings import DataConfig
from decouple.errors import ConfigError
from decouple.nearest_name import did_you_mean
from stage1.settings import Stage1Config
from stage2.external_features_settings import ExternalFeaturesOptions
from stage2.methods import METHODS
from stage2.settings import ALL, Stage2Config
from tuning.sweep.grid import DATA_OPTIONS, DataEntry, GridEntry, Stage1Entry, Stage2Entry
from tuning.sweep.settings_layers import merge_layers
from tuning.sweep.tune_settings import parse_tau_from, parse_tune

SET_BY_SWEEP = frozenset({"run", "runs", "seed", "seeds", "name", "resume", "device"})
_STAGE1_OPTIONS = frozenset(field.name for field in fields(Stage1Config)) - DATA_OPTIONS - SET_BY_SWEEP
_STAGE2_OPTIONS = frozenset(field.name for field in fields(Stage2Config)) - SET_BY_SWEEP
ALLOWED: dict[str, frozenset[str]] = {
    "data": DATA_OPTIONS,
    "stage1": _STAGE1_OPTIONS,
    "stage2": _STAGE2_OPTIONS
    - {"root", "refresh_features", "groups"}
    - {field.name for field in fields(ExternalFeaturesOptions)},
}
SETTINGS: dict[str, type[Any]] = {"data": DataConfig, "stage1": Stage1Config, "stage2": Stage2Config}
_NAMED_BY = {"data": "data", "stage1": "loss", "stage2": "method"}  # the setting that names an entry without a name
_OWN_KEYS = {  # of an entry, beside settings
    "data": ("name", "published", "config", "stage1", "seeds"),
    "stage1": ("name", "published", "config", "seeds", "tune"),
    "stage2": ("name", "published", "config", "tau_from"),
}


def parse_data_entries(value: object, defaults: Mapping[str, Any], path: Path) -> tuple[DataEntry, ...]:
    """Return the entries of the key `data`.

    Raises:
        ConfigError: a key or a value is wrong; the message names file, entry and key.
    """
    return tuple(
        DataEntry(
            **_common(mapping, "data", defaults, source, path),
            stage1=axis_settings("stage1", mapping.get("stage1", {}), f"'stage1' in {source}"),
            seeds=parse_seed_limit(mapping.get("seeds"), source),
        )
        for source, mapping in _mappings(value, "data", path)
    )


def parse_stage1_entries(value: object, defaults: Mapping[str, Any], path: Path) -> tuple[Stage1Entry, ...]:
    """Return the entries of the key `stage1`; errors as for data."""
    return tuple(
        Stage1Entry(
            **_common(mapping, "stage1", defaults, source, path),
            seeds=parse_seed_limit(mapping.get("seeds"), source),
            tune=parse_tune(mapping.get("tune"), source),
        )
        for source, mapping in _mappings(value, "stage1", path)
    )


def parse_stage2_entries(value: object, defaults: Mapping[str, Any], path: Path) -> tuple[Stage2Entry, ...]:
    """Return the entries of the key `stage2`; errors as for data."""
    entries = []
    for source, mapping in _mappings(value, "stage2", path):
        entry = Stage2Entry(
            **_common(mapping, "stage2", defaults, source, path),
            tau_from=parse_tau_from(mapping.get("tau_from"), source),
        )
        _require_one_method(entry, merge_layers([entry.recipe, defaults, entry.options]))
        entries.append(entry)
    return tuple(entries)


def axis_settings(axis: str, values: object, source: str) -> dict[str, Any]:
    """Return the settings of an axis in a mapping, their types checked.

    Raises:
        ConfigError: it is no mapping, a key is none of this axis, or a value has the wrong type.
    """
    if not isinstance(values, dict):
        raise ConfigError(f"{source} must be a mapping of settings, got '{values}'")
    for other in ("data", "stage1"):
        misplaced = next((key for key in values if key in ALLOWED[other] - ALLOWED[axis]), None)
        if misplaced is not None and axis != "stage2":
            raise ConfigError(f"'{misplaced}' in {source} belongs to an entry of '{other}'")
    refuse_unknown(values, ALLOWED[axis], source)
    return checked_mapping(SETTINGS[axis], values, source)


def refuse_unknown(values: Mapping[str, Any], known: Iterable[str], source: str) -> None:
    """Check the keys of a mapping.

    Raises:
        ConfigError: one is unknown, or a setting that the sweep makes itself; the message has the nearest known key.
    """
    names = sorted(known)
    for key in values:
        if key in SET_BY_SWEEP and key not in names:
            raise ConfigError(f"'{key}' in {source} is set by the sweep; leave it out")
        if key not in names:
            raise ConfigError(f"unknown key '{key}' in {source}.{did_you_mean(str(key), names)}")


def plain_name(name: object, source: str, key: str = "name") -> str:
    """Return a name that can be one of a folder.

    Raises:
        ConfigError: it cannot.
    """
    if not isinstance(name, str) or not re.fullmatch(r"\w[\w.+-]*", name):
        raise ConfigError(f"'{key}' in {source} must be of letters, digits, '.', '+', '-' and '_', got '{name}'")
    return name


def parse_seed_limit(value: object, source: str) -> int | tuple[int, ...] | None:
    """Return a number of seeds, or those in a list; None if there is no value.

    Raises:
        ConfigError: it is neither, or empty.
    """
    if value is None:
        return None
    if type(value) is int and value >= 1:
        return value
    if (
        not isinstance(value, list)
        or not value
        or not all(type(seed) is int and seed >= 0 for seed in value)
        or len(set(value)) < len(value)
    ):
        raise ConfigError(f"'seeds' in {source} must be a number of seeds or a list of different ones, got '{value}'")
    return tuple(value)


def _mappings(value: object, axis: str, path: Path) -> list[tuple[str, dict[str, Any]]]:
    """Return (where it stands, mapping) of each entry."""
    if not isinstance(value, list) or not value or not all(isinstance(entry, dict) for entry in value):
        raise ConfigError(f"'{axis}' in {path} must be a list of mappings, one for each entry")
    return [(f"{axis} {number} of {path}", mapping) for number, mapping in enumerate(value, start=1)]


def _common(
    values: Mapping[str, Any], axis: str, defaults: Mapping[str, Any], source: str, path: Path
) -> dict[str, Any]:
    """Return the fields that the entries of all axes have."""
    own_keys = _OWN_KEYS[axis]
    settings = {key: value for key, value in values.items() if key not in own_keys}
    misspelt = next(
        (key for key in settings if key not in SET_BY_SWEEP and not any(key in names for names in ALLOWED.values())),
        None,
    )
    if misspelt is not None:
        refuse_unknown({misspelt: None}, (*ALLOWED[axis], *own_keys), source)
    options = axis_settings(axis, settings, source)
    recipe = _recipe(values.get("config"), axis, source, path)
    merged = merge_layers([recipe, defaults, options])
    setting = _NAMED_BY[axis]
    default_name = merged.get(setting, getattr(SETTINGS[axis](), setting))
    if "config" in values and axis == "stage1":
        default_name = Path(str(values["config"])).stem
    published = values.get("published")
    if published is not None and not isinstance(published, dict):
        raise ConfigError(f"'published' in {source} must be a mapping, got '{published}'.")
    name = plain_name(values.get("name", default_name), source)
    return {"name": name, "source": source, "options": options, "recipe": recipe, "published": published}


def _recipe(name: object, axis: str, source: str, path: Path) -> dict[str, Any]:
    """Return the settings of the axis in a recipe, or a settings file beside the sweep's file."""
    if name is None:
        return {}
    if not isinstance(name, str):
        raise ConfigError(f"'config' in {source} must be the name of a recipe or a file, got '{name}'")
    beside = path.parent / name
    try:
        file = beside if beside.is_file() else settings_file(name)
        values = read_yaml(file)
    except ConfigError as error:
        raise ConfigError(f"'config' in {source}: {str(error).partition(' See ')[0]}") from None
    stage = {"data": ("data", "stage1"), "stage1": ("data", "stage1"), "stage2": ("stage2",)}[axis]
    for key in values:
        if not any(key in ALLOWED[other] for other in stage):
            raise ConfigError(f"'config' in {source}: {file.name} sets '{key}', which is no setting of {stage[-1]}")
    return checked_mapping(
        SETTINGS[axis], {key: value for key, value in values.items() if key in ALLOWED[axis]}, str(file)
    )


def _require_one_method(entry: GridEntry, settings: Mapping[str, Any]) -> None:
    method = settings.get("method", ALL)
    if method == ALL:
        raise ConfigError(f"{entry.source} needs a 'method', one for each entry")
    if entry.name != method and entry.name in (ALL, *METHODS):
        raise ConfigError(
            f"'name' in {entry.source} is '{entry.name}', which means something else than its method, '{method}'"
        )
