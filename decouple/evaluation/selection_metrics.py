"""The metrics that stage two can select by; without torch, since the command line needs their names."""

from collections.abc import Mapping
from typing import Any, Literal, get_args

SelectionMetric = Literal["balanced", "top1", "macro_f1", "g_mean", "many", "medium", "few", "head", "middle", "tail"]
SELECTION_METRICS: tuple[str, ...] = get_args(SelectionMetric)
_WORDS = {"top1": "top-1 accuracy", "macro_f1": "macro F1", "g_mean": "geometric mean of recalls"}


def describe_selection_metric(selection_metric: str) -> str:
    """Return a selection metric as a sentence names it."""
    return _WORDS.get(selection_metric, f"{selection_metric} accuracy")


def selection_metric_value(metrics: Mapping[str, Any], selection_metric: str) -> float | None:
    """Return a selection metric of the `Metrics` of a split; None without images of the group."""
    groups = metrics["groups"]["many_medium_few"] | metrics["groups"]["thirds"]
    value: float | None = groups[selection_metric] if selection_metric in groups else metrics[selection_metric]
    return value
