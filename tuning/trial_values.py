"""The values of a trial as settings of stage one, and the settings that a search can vary."""

import dataclasses
from collections.abc import Sequence
from typing import Any, get_args, get_type_hints

from decouple.datasets.settings import DataConfig
from decouple.errors import ConfigError, DecoupleError
from decouple.nearest_name import did_you_mean
from stage1.prepare import require_methods
from stage1.settings import Stage1Config
from tuning.named_range import NamedRange
from tuning.space import Parameter, Range, Values

_NOT_SEARCHED = frozenset(field.name for field in dataclasses.fields(DataConfig)) | {"seed", "seeds"}
_OPTIONS = ("loss_options", "drw_options", "sampler_options", "mix_options")


def with_values(settings: Stage1Config, values: Values) -> Stage1Config:
    """Return settings with the values of a trial; the warm-up is at most the epochs.

    Example:
        >>> with_values(Stage1Config(loss="ap"), {"lr": 0.2, "loss_options.delta": 0.5}).loss_options
        {'delta': 0.5}
    """
    changes: dict[str, Any] = {}
    for name, value in values.items():
        field, _, option = name.partition(".")
        changes[field] = {**changes.get(field, getattr(settings, field)), option: value} if option else value
    if "epochs" in changes and settings.warmup_epochs is not None:
        changes["warmup_epochs"] = min(settings.warmup_epochs, changes["epochs"])
    return dataclasses.replace(settings, **changes)


def setting_value(settings: Stage1Config, name: str) -> object:
    """Return the value of a setting, or of an option such as ``loss_options.delta``."""
    field, _, option = name.partition(".")
    return getattr(settings, field).get(option) if option else getattr(settings, field)


def parameters_of(ranges: Sequence[NamedRange], searched: Sequence[Parameter]) -> tuple[Parameter, ...]:
    """Return all parameters of a search: its own and those of `ranges`, which replace its own of the same name.

    Raises:
        ConfigError: a name is that of no number among the settings, or whole numbers are needed.
    """
    named = {entry.name: _parameter(entry) for entry in ranges}
    own = tuple(named.pop(parameter.name, parameter) for parameter in searched)
    return (*own, *named.values())


def require_ends(settings: Stage1Config, space: Sequence[Parameter]) -> None:
    """Check that stage one takes the ends of all ranges.

    Raises:
        ConfigError: it does not, or the loss has no such option.
    """
    for parameter in space:
        for value in (parameter.low, parameter.high) if isinstance(parameter, Range) else ():
            try:
                require_methods(with_values(settings, {parameter.name: value}))
            except DecoupleError as error:
                raise ConfigError(f"`range` of '{parameter.name}' with the value {value:g}: {error}") from None


def _parameter(entry: NamedRange) -> Range:
    field, _, option = entry.name.partition(".")
    if option and field in _OPTIONS:
        return Range(entry.name, entry.low, entry.high, log=entry.log)
    types = _numbers()
    if entry.name not in types:
        known = (*types, *(f"{name}.NAME" for name in _OPTIONS))
        raise ConfigError(
            f"`range` names '{entry.name}', which is no number among the settings of stage one."
            f"{did_you_mean(entry.name, known)} Known: {', '.join(known)}."
        )
    if types[entry.name] is not int:
        return Range(entry.name, entry.low, entry.high, log=entry.log)
    if entry.low != int(entry.low) or entry.high != int(entry.high):
        raise ConfigError(f"`range` of '{entry.name}' needs whole numbers, got {entry.low:g} and {entry.high:g}")
    return Range(entry.name, int(entry.low), int(entry.high), log=entry.log, integer=True)


def _numbers() -> dict[str, type]:
    """Return the settings of stage one that are numbers, with their type."""
    numbers: dict[str, type] = {}
    for name, hint in get_type_hints(Stage1Config).items():
        types = set(get_args(hint) or (hint,)) - {type(None)}
        if name not in _NOT_SEARCHED and len(types) == 1 and types <= {int, float}:
            numbers[name] = types.pop()
    return numbers
