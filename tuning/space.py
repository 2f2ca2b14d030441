"""What a search varies: ranges of numbers and choices of names."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import optuna

from decouple.checks import require_flag, require_number, require_whole
from decouple.errors import ConfigError
from decouple.files.results import ParameterEntry


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, both included.

    Example:
        >>> Range("tau", 0.0, 2.0).even_values(5)
        [0.0, 0.5, 1.0, 1.5, 2.0]
        >>> Range("weight_decay", 1e-5, 1e-1, log=True).even_values(3)
        [1e-05, 0.001, 0.1]
        >>> Range("lr", 0.0, 1.0, log=True)
        Traceback (most recent call last):
        decouple.errors.ConfigError: low must be above 0, got 0.0; range 'lr' is logarithmic
    """

    name: str
    low: float
    high: float
    log: bool = False  # evenly over the exponents
    integer: bool = False  # whole numbers only

    def __post_init__(self) -> None:
        require_flag("log", self.log)
        require_flag("integer", self.integer)
        require = require_whole if self.integer else require_number
        require("low", self.low)
        require("high", self.high)
        if self.log:
            require_number("low", self.low, above=0, usual=f"range '{self.name}' is logarithmic")
        if not self.low < self.high:
            raise ConfigError(f"`low` of range '{self.name}' must be below `high`, got {self.low} and {self.high}")

    def suggest(self, trial: optuna.Trial) -> float:
        """Return the value that the study's sampler gives the trial."""
        if self.integer:
            return trial.suggest_int(self.name, int(self.low), int(self.high), log=self.log)
        return trial.suggest_float(self.name, self.low, self.high, log=self.log)

    def even_values(self, count: int) -> list[float]:
        """Return `count` evenly spaced values, exactly `low` and `high` at the ends; evenly over exponents with `log`.

        Of an integer range they are rounded to whole numbers.
        """
        fractions = [index / max(1, count - 1) for index in range(count)]
        values = [self._value_at(fraction) for fraction in fractions]
        return [round(value) for value in values] if self.integer else values

    def _value_at(self, fraction: float) -> float:
        if fraction in (0, 1):
            return self.high if fraction else self.low
        if self.log:
            value = math.exp((1 - fraction) * math.log(self.low) + fraction * math.log(self.high))
            return float(f"{value:.12g}")
        return (1 - fraction) * self.low + fraction * self.high

    def limits(self) -> dict[str, Any]:
        """Return what a study stores, to notice later that the limits have changed."""
        return {"low": self.low, "high": self.high}


@dataclass(frozen=True)
class Choice:
    """One of several names.

    Example:
        >>> Choice("sampler", ("instance", "class")).limits()
        {'values': ['instance', 'class']}
        >>> Choice("sampler", ("class", "class"))
        Traceback (most recent call last):
        decouple.errors.ConfigError: values of choice 'sampler' must be one or more different names, got class, class
    """

    name: str
    values: tuple[str, ...]
    log = False

    def __post_init__(self) -> None:
        if not isinstance(self.values, tuple) or not all(isinstance(value, str) for value in self.values):
            raise ConfigError(f"`values` of choice '{self.name}' must be a tuple of names, got {self.values!r}")
        if not self.values or len(set(self.values)) < len(self.values):
            raise ConfigError(
                f"`values` of choice '{self.name}' must be one or more different names, "
                f"got {', '.join(self.values) or 'none'}"
            )

    def suggest(self, trial: optuna.Trial) -> str:
        """Return the value that the study's sampler gives the trial."""
        return str(trial.suggest_categorical(self.name, self.values))

    def limits(self) -> dict[str, Any]:
        """Return what a study stores, to notice later that the choices have changed."""
        return {"values": list(self.values)}


Parameter = Range | Choice
Values = Mapping[str, Any]  # parameter -> the value of a trial


def space_entries(space: Sequence[Parameter]) -> tuple[ParameterEntry, ...]:
    """Return an entry for each parameter, for results.json and the figures."""
    return tuple(
        ParameterEntry(
            name=parameter.name,
            log=parameter.log,
            values=parameter.values if isinstance(parameter, Choice) else (),
        )
        for parameter in space
    )


def space_limits(space: Sequence[Parameter]) -> dict[str, Any]:
    """Return the limits of all parameters by key: plain for a single one, with the parameter's name for several."""
    if len(space) == 1:
        return space[0].limits()
    return {f"{key} of {parameter.name}": value for parameter in space for key, value in parameter.limits().items()}
