"""The metrics that stage two can select by; without torch, since the command line needs their names."""

from collections.abc import Mapping
from typing import Any, Literal, get_args

Measure = Literal["balanced", "top1", "macro_f1", "g_mean", "many", "medium", "few", "head", "middle", "tail"]
MEASURES: tuple[str, ...] = get_args(Measure)
_WORDS = {"top1": "top-1 accuracy", "macro_f1": "macro F1", "g_mean": "geometric mean of recalls"}


def in_words(measure: str) -> str:
    """Return a measure as a sentence names it."""
    return _WORDS.get(measure, f"{measure} accuracy")


def measured(metrics: Mapping[str, Any], measure: str) -> float | None:
    """Return a selection metric of the `Metrics` of a split; None without images of the group."""
    groups = metrics["groups"]["many_medium_few"] | metrics["groups"]["thirds"]
    value: float | None = groups[measure] if measure in groups else metrics[measure]
    return value
