"""The public name of the metrics, `decouple.metrics.evaluate`; they are computed in `decouple.evaluation.metrics`."""

from decouple.evaluation.metrics import evaluate

__all__ = ["evaluate"]
