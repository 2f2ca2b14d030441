"""What a search varies: ranges of numbers and choices of names."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import optuna

from decouple.files.results import ParameterEntry


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, both included."""

    name: str
    low: float
    high: float
    log: bool = False  # evenly over the exponents
    whole: bool = False  # whole numbers only

    def suggest(self, trial: optuna.Trial) -> float:
        """Return the value that the study's sampler gives the trial."""
        if self.whole:
            return trial.suggest_int(self.name, int(self.low), int(self.high), log=self.log)
        return trial.suggest_float(self.name, self.low, self.high, log=self.log)

    def even_values(self, count: int) -> list[float]:
        """Return `count` evenly spaced values, exactly `low` and `high` at the ends."""
        shares = [place / max(1, count - 1) for place in range(count)]
        return [(1 - share) * self.low + share * self.high for share in shares]

    def limits(self) -> dict[str, Any]:
        """Return what a study keeps, to notice other limits later."""
        return {"low": self.low, "high": self.high}


@dataclass(frozen=True)
class Choice:
    """One of several names."""

    name: str
    values: tuple[str, ...]
    log = False

    def suggest(self, trial: optuna.Trial) -> str:
        """Return the value that the study's sampler gives the trial."""
        return str(trial.suggest_categorical(self.name, self.values))

    def limits(self) -> dict[str, Any]:
        """Return what a study keeps, to notice other choices later."""
        return {"values": list(self.values)}


Parameter = Range | Choice
Values = Mapping[str, Any]


def describe_space(space: tuple[Parameter, ...]) -> tuple[ParameterEntry, ...]:
    """Return an entry for each parameter, for results.json and the figures."""
    return tuple(
        ParameterEntry(
            name=parameter.name,
            log=parameter.log,
            values=parameter.values if isinstance(parameter, Choice) else (),
        )
        for parameter in space
    )


def settings_of(space: tuple[Parameter, ...]) -> dict[str, Any]:
    """Return the limits of all parameters by key: bare for a single one, with the parameter's name for several."""
    if len(space) == 1:
        return space[0].limits()
    return {f"{key} of {each.name}": value for each in space for key, value in each.limits().items()}
