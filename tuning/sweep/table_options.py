"""Keys of a sweep's file that say what its table shows: groups, columns and averages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from decouple.errors import ConfigError
from decouple.lookup import look_up
from decouple.nearest_name import did_you_mean

GROUPS = {
    "many_medium_few": ("many", "medium", "few"),
    "thirds": ("head", "middle", "tail"),
    "halves": ("head", "tail"),
}

# A key of GROUPS; numbers of classes from the largest class on; or bounds on the images of a class, such as many: 100.
GroupScheme = str | tuple[int, ...] | Mapping[str, int]


@dataclass(frozen=True)
class TableColumn:
    """A column of the table: a metric on a split, a group of classes or a class."""

    split: str
    metric: str


@dataclass(frozen=True)
class AverageOver:
    """Rows that the table gets beside those of the cells: mean and deviation over an axis or a setting."""

    over: str
    name: str


def group_names(scheme: GroupScheme) -> tuple[str, ...]:
    """Return the names of the groups of a scheme, from the largest classes to the smallest.

    Example:
        >>> group_names((3, 4, 3)), group_names({"many": 100, "few": 20})
        (('head', 'middle', 'tail'), ('many', 'few'))
    """
    if isinstance(scheme, str):
        return GROUPS[scheme]
    if isinstance(scheme, Mapping):
        return tuple(scheme)
    by_number = {2: GROUPS["halves"], 3: GROUPS["thirds"]}
    return by_number.get(len(scheme), tuple(f"group_{number}" for number in range(1, len(scheme) + 1)))


def parse_groups(value: object, source: str) -> GroupScheme:
    """Return the scheme of groups of a value of YAML.

    Raises:
        ConfigError: it is no name of a scheme, list of sizes or mapping to bounds.
    """
    if isinstance(value, str):
        look_up(GROUPS, value, f"scheme of groups in {source}")
        return value
    if isinstance(value, list) and value:
        return tuple(_whole(size, f"a number of classes in 'groups' of {source}", 1) for size in value)
    if isinstance(value, dict) and value:
        return {str(name): _whole(bound, f"'{name}' in 'groups' of {source}", 0) for name, bound in value.items()}
    raise ConfigError(
        f"'groups' in {source} must be {', '.join(GROUPS)}, sizes such as [3, 4, 3] or bounds such as "
        f"{{many: 100, few: 20}}, got '{value}'"
    )


def parse_columns(value: object, source: str) -> tuple[TableColumn, ...]:
    """Return the columns of a list of mappings with `split` and `metric`.

    Raises:
        ConfigError: it is something else.
    """
    return tuple(TableColumn(**texts) for texts in _mappings(value, ("split", "metric"), f"'columns' in {source}"))


def parse_averages(value: object, source: str) -> tuple[AverageOver, ...]:
    """Return the averages of a list of mappings with `over` and `name`.

    Raises:
        ConfigError: it is something else.
    """
    return tuple(AverageOver(**texts) for texts in _mappings(value, ("over", "name"), f"'average' in {source}"))


def _whole(value: object, label: str, at_least: int) -> int:
    if type(value) is not int or value < at_least:
        raise ConfigError(f"{label} must be a whole number, {at_least} or more, got '{value}'")
    return value


def _mappings(value: object, keys: tuple[str, ...], source: str) -> list[dict[str, Any]]:
    example = ", ".join(f"{key}: ..." for key in keys)
    if not isinstance(value, list) or not value:
        raise ConfigError(f"{source} must be a list of {{{example}}}, got '{value}'")
    for number, mapping in enumerate(value, start=1):
        if not isinstance(mapping, dict):
            raise ConfigError(f"entry {number} of {source} must be {{{example}}}, got '{mapping}'")
        for key in mapping:
            if key not in keys:
                raise ConfigError(f"unknown key '{key}' in entry {number} of {source}.{did_you_mean(str(key), keys)}")
        for key in keys:
            if not isinstance(mapping.get(key), str):
                raise ConfigError(f"entry {number} of {source} needs '{key}', a text, got '{mapping.get(key)}'")
    return value
