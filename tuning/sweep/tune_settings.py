"""What a sweep searches before or beside a training: the step `tune` of a stage-one entry, and the source of a tau."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from decouple.checks import require_choice, require_flag, require_number, require_whole
from decouple.config.fields import option
from decouple.config.settings_yaml import from_mapping
from decouple.errors import ConfigError
from decouple.evaluation.selection_metrics import SELECTION_METRICS, SelectionMetric
from decouple.nearest_name import did_you_mean
from tuning.named_range import parse_ranges

HELD_OUT: Literal["held-out"] = "held-out"


@dataclass(frozen=True, kw_only=True)
class TuneStep:
    """A search on held-out training images; then the run is trained with the best value on all of them."""

    search: Literal["weight-decay"] = option("weight-decay", "what is searched")
    trials: int = option(12, "trials")
    low: float = option(1e-5, "smallest value, above 0")
    high: float = option(1e-1, "largest value")
    val_fraction: float = option(0.2, "share of the training images that a trial is evaluated on, in (0, 1)")
    folds: int = option(0, "evaluate a trial on so many stratified folds instead; 0: one split")
    epochs: int | None = option(None, "epochs of a trial; default: those of the training")
    sampler: Literal["tpe", "random", "grid"] = option("tpe", "how values are proposed")
    tie_margin: float = option(
        0.0, "points: trials whose metric rounds to the same multiple of it are equal, and the better tail wins"
    )
    select: SelectionMetric = option("balanced", "metric that is maximized")
    range: tuple[str, ...] = option((), "more settings to search, as of `decouple tune weight-decay`")
    per_seed: bool = option(False, "a search for each seed; else all seeds share that of seed 0")

    def __post_init__(self) -> None:
        require_whole("trials", self.trials, at_least=1)
        require_number("low", self.low, above=0)
        require_number("high", self.high, above=0)
        if self.low >= self.high:
            raise ConfigError(f"`low` must be below `high`, got {self.low} and {self.high}")
        require_number("val_fraction", self.val_fraction, above=0, below=1)
        require_number("tie_margin", self.tie_margin, at_least=0)
        require_choice("select", self.select, SELECTION_METRICS)
        parse_ranges(self.range)
        require_flag("per_seed", self.per_seed)


@dataclass(frozen=True)
class TauFrom:
    """Where the tau of a stage-two entry is chosen.

    Without names: on the fifth of the training images that a companion run, trained on the other four, has not seen.
    With names: in another cell of the same data and seed.
    """

    stage1: str | None = None
    stage2: str | None = None


def parse_tune(value: object, source: str) -> TuneStep | None:
    """Return the step that a value of the key `tune` stands for.

    Raises:
        ConfigError: it is no mapping of settings, or a value is refused.
    """
    if value is None:
        return None
    if not isinstance(value, dict):
        raise ConfigError(f"'tune' in {source} must be a mapping such as {{search: weight-decay}}, got '{value}'")
    return from_mapping(TuneStep, value, f"'tune' in {source}")


def parse_tau_from(value: object, source: str) -> TauFrom | None:
    """Return the source of tau that a value of the key `tau_from` stands for; its names are not checked.

    Raises:
        ConfigError: it is neither "held-out" nor a mapping with `stage1` and `stage2`.
    """
    if value is None:
        return None
    if value == HELD_OUT:
        return TauFrom()
    if not isinstance(value, dict) or not all(isinstance(name, str) for name in value.values()):
        raise ConfigError(
            f"'tau_from' in {source} must be held-out or a cell {{stage1: ..., stage2: ...}}, got '{value}'"
        )
    _require_both(value, source)
    return TauFrom(**value)


def _require_both(values: Mapping[str, Any], source: str) -> None:
    keys = ("stage1", "stage2")
    for key in values:
        if key not in keys:
            raise ConfigError(f"unknown key '{key}' in 'tau_from' of {source}.{did_you_mean(str(key), keys)}")
    missing = [key for key in keys if key not in values]
    if missing:
        raise ConfigError(f"'tau_from' in {source} needs '{missing[0]}' too")
