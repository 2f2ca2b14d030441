"""The metrics of a trial's held-out images."""

from decouple.errors import ConfigError
from decouple.evaluation.metrics import Metrics
from decouple.evaluation.selection_metrics import selection_metric_value
from tuning.search_spec import TrialResult


def metrics_result(metrics: Metrics, selection_metric: str) -> TrialResult:
    """Return the result of a trial that has these metrics and maximizes one of them.

    Raises:
        ConfigError: no class of the group that is maximized has a held-out image.
    """
    score = selection_metric_value(metrics, selection_metric)
    if score is None:
        raise no_images_error(selection_metric)
    return TrialResult(
        metrics["balanced"],
        metrics["groups"]["thirds"]["tail"],
        top1=metrics["top1"],
        score=None if selection_metric == "balanced" else score,
    )


def no_images_error(selection_metric: str) -> ConfigError:
    """Return the error of a metric of a group without held-out image."""
    return ConfigError(
        f"`select={selection_metric}` cannot compare trials: no class of that group has a held-out image; "
        "use `select=balanced`"
    )
