"""What a search is: its parameters, its size, and the objective that gives each trial its result."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from decouple.checks import require_choice, require_flag, require_number, require_whole
from decouple.errors import ConfigError, DecoupleError
from decouple.evaluation.selection_metrics import SELECTION_METRICS
from tuning.grid_values import grid_points
from tuning.space import Parameter, Values

Proposal = Literal["tpe", "random", "grid"]  # how the values of trials are proposed
PROPOSALS: tuple[str, ...] = get_args(Proposal)


@dataclass(frozen=True)
class SearchSpec:
    """What is searched, and how."""

    space: tuple[Parameter, ...]
    trials: int  # in all, those of earlier calls and of other processes included
    seed: int
    proposal: Proposal = "tpe"
    selection_metric: str = "balanced"  # that the search maximizes on the held-out images
    tie_margin: float = 0.0  # points: metrics that round to the same multiple of it are equal; 0: exact ties only
    prune: bool = False  # end trials early that are below the median
    prune_after: int = 1  # epochs that every trial has
    fixed: tuple[tuple[str, Any], ...] = ()  # other settings that all trials of a study must share
    split: str = "val"  # images that trials are evaluated on, as results.json names them

    def __post_init__(self) -> None:
        require_whole("trials", self.trials, at_least=1)
        require_whole("seed", self.seed)
        require_whole("prune_after", self.prune_after, at_least=0)
        require_choice("proposal", self.proposal, PROPOSALS)
        require_choice("selection_metric", self.selection_metric, SELECTION_METRICS)
        require_number("tie_margin", self.tie_margin, at_least=0)
        require_flag("prune", self.prune)
        names = [parameter.name for parameter in self.space]
        if not names or len(set(names)) < len(names):
            raise ConfigError(f"`space` must be one or more parameters of different names, got {', '.join(names)}")
        if self.proposal == "grid":
            grid_points(self.space, self.trials)  # raises where there is no such grid

    @property
    def title(self) -> str:
        """The names of the parameters, for people."""
        return ", ".join(parameter.name.replace("_", " ") for parameter in self.space)


@dataclass(frozen=True)
class TrialResult:
    """Accuracies of a trial on the held-out images, in percent."""

    balanced: float
    tail: float | None  # decides between equal trials
    posthoc: dict[str, float | str] = field(default_factory=dict)  # values tuned inside the trial instead of sampled
    top1: float | None = None
    score: float | None = None  # the metric that the search maximizes, where it is not balanced accuracy

    @property
    def objective(self) -> float:
        """The metric that the search maximizes."""
        return self.balanced if self.score is None else self.score


class TrialDivergedError(DecoupleError):
    """A trial whose training gave no finite loss: it counts, but has no value."""


ReportEpoch = Callable[[int, float], None]  # epochs done, held-out balanced accuracy; may end the trial
Objective = Callable[[Values, ReportEpoch], TrialResult]


@dataclass(frozen=True)
class Search:
    """A search and the objective of its trials."""

    spec: SearchSpec
    objective: Objective


def ranking_key(score: float, tail: float | None, margin: float = 0.0) -> tuple[float, float, float]:
    """Return what results are ordered by: the metric of the search, then the tail, then the metric not rounded.

    Args:
        score: the metric, in percent.
        tail: accuracy of the tail; None is below any.
        margin: metrics that round to the same multiple of it are equal, so that the tail decides; halves are rounded
            up. 0: nine decimals count.

    Example:
        >>> ranking_key(60.0, 20.0) > ranking_key(60.0, None) > ranking_key(59.0, 90.0)
        True
        >>> ranking_key(60.4, 20.0, margin=1) < ranking_key(59.5, 30.0, margin=1)
        True
    """
    exact = round(score, 9)
    rounded = math.floor(exact / margin + 0.5) * margin if margin else exact
    return rounded, -1.0 if tail is None else tail, exact
