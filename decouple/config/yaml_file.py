"""YAML files that hold a mapping."""

from pathlib import Path

import yaml

from decouple.config.fields import Values
from decouple.errors import ConfigError


def read_yaml(path: Path) -> Values:
    """Return the mapping in a YAML file, its values not checked.

    Raises:
        ConfigError: the file cannot be read, does not hold a mapping, or has a key twice.
    """
    try:
        text = path.read_text(encoding="utf-8")
        values, keys = yaml.safe_load(text), _keys(yaml.compose(text, Loader=yaml.SafeLoader))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"cannot read the settings file {path}: {reason}") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from None
    if values is None:  # nothing but comments
        return {}
    if not isinstance(values, dict):
        raise ConfigError(f"{path} must hold 'key: value' lines, not a {type(values).__name__}")
    repeated = [key for key in keys if keys.count(key) > 1]
    if repeated:
        raise ConfigError(f"'{repeated[0].split(chr(0))[-1]}' stands in {path} more than once; keep one of the lines")
    return values


def _keys(node: yaml.Node | None, parent: str = "") -> list[str]:
    """Return the keys of a mapping and of the mappings in it, each behind its parents', repeated ones too."""
    keys = []
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            keys += [f"{parent}{key.value}", *_keys(value, f"{parent}{key.value}\0")]
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            keys += _keys(value, f"{parent}{index}\0")
    return keys
