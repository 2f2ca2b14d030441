"""Keys of a sweep's file that say what its table shows: groups, columns and averages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from decouple.errors import ConfigError
from decouple.group_schemes import GroupScheme, read_group_scheme
from decouple.nearest_name import did_you_mean
from stage1.settings import Stage1Config
from tuning.sweep.table_columns import TableColumn, require_column

SEED = "seed"
_AXES = ("data", "stage1", "stage2", SEED)
_STD = ("sample", "population")


@dataclass(frozen=True)
class AverageOver:
    """Rows that the table gets beside those of the cells: mean and standard deviation over an axis or a setting."""

    over: str  # data, stage1, stage2, seed, or a setting of stage one such as model
    name: str
    std: Literal["sample", "population"] = "sample"  # divisor n - 1, or n
    published: Mapping[str, Any] | None = field(default=None, compare=False)  # columns of their published values


def parse_groups(value: object, source: str) -> GroupScheme:
    """Return the scheme of groups of a value of YAML.

    Raises:
        ConfigError: it is no name of a scheme, list of sizes or mapping to bounds.
    """
    try:
        return read_group_scheme(value)
    except ConfigError as error:
        raise ConfigError(f"'groups' in {source}: {error.message}") from None


def parse_columns(value: object, groups: GroupScheme, source: str) -> tuple[TableColumn, ...]:
    """Return the columns of a list of mappings with `split` and `metric`; lists stand for all their combinations.

    Raises:
        ConfigError: it is something else, or there is no such split or metric.
    """
    source = f"'columns' in {source}"
    columns = []
    for number, mapping in enumerate(_mappings(value, "{split: ..., metric: ...}", source), start=1):
        where = f"entry {number} of {source}"
        _require_keys(mapping, ("split", "metric"), ("split", "metric"), where)
        for split in _texts(mapping["split"], "split", where):
            for metric in _texts(mapping["metric"], "metric", where):
                column = TableColumn(split, metric)
                require_column(column, groups, where)
                columns.append(column)
    return tuple(dict.fromkeys(columns))


def parse_averages(value: object, source: str) -> tuple[AverageOver, ...]:
    """Return the averages of a list of mappings with `over`, `name`, and perhaps `std` and `published`.

    Raises:
        ConfigError: it is something else, or there is no such axis or setting.
    """
    source = f"'average' in {source}"
    averages = []
    for number, mapping in enumerate(_mappings(value, "{over: ..., name: ...}", source), start=1):
        where = f"entry {number} of {source}"
        _require_keys(mapping, ("over", "name"), ("over", "name", "std", "published"), where)
        for key in ("over", "name"):
            if not isinstance(mapping[key], str):
                raise ConfigError(f"'{key}' of {where} must be a text, got '{mapping[key]}'")
        known = (*_AXES, *(option.name for option in fields(Stage1Config)))
        if mapping["over"] not in known:
            hint = did_you_mean(mapping["over"], known)
            raise ConfigError(
                f"'over' of {where} must be an axis or a setting of stage one, not '{mapping['over']}'.{hint}"
            )
        if mapping.get("std", "sample") not in _STD:
            raise ConfigError(f"'std' of {where} must be sample or population, got '{mapping['std']}'")
        if not isinstance(mapping.get("published", {}), dict):
            raise ConfigError(f"'published' of {where} must be a mapping, got '{mapping['published']}'")
        averages.append(AverageOver(**mapping))
    return tuple(averages)


def _mappings(value: object, example: str, source: str) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not value:
        raise ConfigError(f"{source} must be a list of {example}, got '{value}'")
    for number, mapping in enumerate(value, start=1):
        if not isinstance(mapping, dict):
            raise ConfigError(f"entry {number} of {source} must be {example}, got '{mapping}'")
    return value


def _require_keys(mapping: Mapping[str, Any], needed: Sequence[str], known: Sequence[str], where: str) -> None:
    for key in mapping:
        if key not in known:
            raise ConfigError(f"unknown key '{key}' in {where}.{did_you_mean(str(key), known)}")
    for key in needed:
        if key not in mapping:
            raise ConfigError(f"{where} needs '{key}'")


def _texts(value: object, key: str, where: str) -> list[str]:
    options = value if isinstance(value, list) else [value]
    texts = [text for text in options if isinstance(text, str)]
    if not texts or len(texts) < len(options):
        raise ConfigError(f"'{key}' of {where} must be a text or a list of texts, got '{value}'")
    return texts
