"""Settings as YAML: what `--config` reads, and what a run folder keeps."""

from argparse import ArgumentError
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar, get_origin, get_type_hints

import yaml
from jsonargparse import ArgumentParser

from decouple.config.argument_parser import make_parser
from decouple.config.fields import Values
from decouple.config.value_types import as_on_command_line, finite_values, fits_shape, type_name, wrong_value
from decouple.config.yaml_file import read_yaml
from decouple.errors import ConfigError
from decouple.nearest_name import did_you_mean

Settings = TypeVar("Settings")

_PARSERS: dict[type[Any], ArgumentParser] = {}


def to_yaml(settings: Any) -> str:
    """Return the resolved settings as YAML that `--config` reads back."""
    values = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(settings).items()}
    return yaml.safe_dump(values, sort_keys=False)


def from_yaml(settings_type: type[Settings], path: Path) -> Settings:
    """Return the settings in a YAML file.

    Raises:
        ConfigError: the file is not a mapping of this type's fields, or a value has the wrong type or is refused.
    """
    return from_mapping(settings_type, read_yaml(path), str(path))


def from_mapping(settings_type: type[Settings], values: Mapping[str, Any], source: str) -> Settings:
    """Return the settings in a mapping read from YAML; an error names its `source` ("stage1 of grid.yaml").

    Raises:
        ConfigError: a key is no field of this type, or a value has the wrong type or is refused.
    """
    return settings_type(**checked_mapping(settings_type, values, source))


def _parser(settings_type: type[Any]) -> ArgumentParser:
    """Return the parser of a settings type, made once since that takes 25 ms."""
    if settings_type not in _PARSERS:
        _PARSERS[settings_type] = make_parser(settings_type, "decouple")
    return _PARSERS[settings_type]


def checked_mapping(settings_type: type[Any], values: Mapping[str, Any], source: str) -> Values:
    """Return the values of a mapping as the fields of `settings_type` have them; see `from_mapping`."""
    hints = get_type_hints(settings_type)

    def label(key: str) -> str:
        return f"'{key}' in {source}"

    for key, value in values.items():
        if key not in hints:
            raise ConfigError(f"unknown key '{key}' in {source}.{did_you_mean(str(key), hints)}")
        if not fits_shape(value, hints[key]):
            text = "null" if value is None else value
            raise ConfigError(f"{label(key)} must be {type_name(hints[key])}, got '{text}'.")
    mappings = {key: value for key, value in values.items() if get_origin(hints[key]) is dict}
    plain = {key: as_on_command_line(value, hints[key]) for key, value in values.items() if key not in mappings}
    try:
        parsed = _parser(settings_type).parse_object(plain, defaults=False).as_dict()
    except ArgumentError as error:
        raise ConfigError(wrong_value(str(error), hints, label)) from None
    return {**finite_values(parsed, hints, label), **mappings}
