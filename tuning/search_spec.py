"""What a search is: its parameters, its size, and the objective that gives each trial its result."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from decouple.checks import require_flag, require_whole
from decouple.errors import ConfigError, DecoupleError
from tuning.space import Parameter, Range, Values


@dataclass(frozen=True)
class SearchSpec:
    """What is searched, and how."""

    space: tuple[Parameter, ...]
    trials: int  # in all, those of earlier calls and of other processes included
    seed: int
    grid: bool = False  # evenly spaced values of the single parameter instead of TPE
    prune: bool = False  # end trials early that are below the median
    prune_after: int = 1  # epochs that every trial has
    fixed: tuple[tuple[str, Any], ...] = ()  # other settings that all trials of a study must share
    split: str = "val"  # images that trials are evaluated on, as results.json names them

    def __post_init__(self) -> None:
        require_whole("trials", self.trials, at_least=1)
        require_whole("seed", self.seed)
        require_whole("prune_after", self.prune_after, at_least=0)
        require_flag("grid", self.grid)
        require_flag("prune", self.prune)
        names = [parameter.name for parameter in self.space]
        if not names or len(set(names)) < len(names):
            raise ConfigError(f"`space` must be one or more parameters of different names, got {', '.join(names)}")
        if self.grid and (len(names) > 1 or not isinstance(self.space[0], Range)):
            raise ConfigError("`grid` needs a space of a single range; search several parameters with TPE")

    @property
    def title(self) -> str:
        """The names of the parameters, for people."""
        return ", ".join(parameter.name.replace("_", " ") for parameter in self.space)


@dataclass(frozen=True)
class TrialResult:
    """Accuracies of a trial on the held-out images, in percent."""

    balanced: float
    tail: float | None  # decides between equal balanced accuracies
    posthoc: dict[str, float | str] = field(default_factory=dict)  # values tuned inside the trial instead of sampled


class TrialDivergedError(DecoupleError):
    """A trial whose training gave no finite loss: it counts, but has no value."""


ReportEpoch = Callable[[int, float], None]  # epochs done, held-out balanced accuracy; may end the trial
Objective = Callable[[Values, ReportEpoch], TrialResult]


@dataclass(frozen=True)
class Search:
    """A search and the objective of its trials."""

    spec: SearchSpec
    objective: Objective


def ranking_key(balanced: float, tail: float | None) -> tuple[float, float]:
    """Return what results are ordered by: balanced accuracy, then that of the tail; no tail is below any.

    Example:
        >>> ranking_key(60.0, 20.0) > ranking_key(60.0, None) > ranking_key(59.0, 90.0)
        True
    """
    return round(balanced, 9), -1.0 if tail is None else tail
