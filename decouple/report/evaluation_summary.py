"""Every metric of a saved classifier on one split, with intervals, and the accuracy of every class."""

from decouple.evaluation.metrics import Metrics
from decouple.files.run_dir import RunDir
from decouple.report.tables import class_table, results_table, rows_table
from decouple.report.terminal import Block


def evaluation_summary(run: RunDir, checkpoint: str, method: str, split: str, metrics: Metrics) -> list[Block]:
    """Return the results row, every metric with its interval, and a table of the classes."""
    data = run.read_data()
    title = f"{run.name}, {method}, {checkpoint} weights: {metrics['images']:,} images of {split}, %"
    accuracies = ["-" if value is None else f"{value:.2f}" for value in metrics["per_class"]]
    columns = {"train": data.class_counts, "tested": data.split_counts[split], "accuracy %": accuracies}
    return [
        results_table({method: metrics}, title=title),
        rows_table(metric_rows(metrics), best=None),
        class_table(data.class_names, columns),
    ]


def metric_rows(metrics: Metrics) -> list[dict[str, object]]:
    """Return a row for each metric, with its 95 % bootstrap interval where there is one."""
    rows: list[dict[str, object]] = []
    for row in metric_rows_unrounded(metrics):
        digits, value, low, high = 4 if row["metric"] in ("nll", "auc") else 2, row["value"], row["low"], row["high"]
        text = None if value is None else f"{value:.{digits}f}"
        rows.append({"figure": row["metric"], "value": text, "95 % interval": _bounds(low, high)})
    return rows


def metric_rows_unrounded(metrics: Metrics) -> list[dict[str, object]]:
    """Return a row for each metric with its value and the bounds of its interval, None where there is none."""
    intervals: dict[str, list[float] | None] = {
        "top1": metrics["intervals"]["top1"],
        "balanced": metrics["intervals"]["balanced"],
    }
    values: dict[str, float | None] = {
        name: metrics[name]
        for name in ("top1", "top5", "balanced", "macro_f1", "weighted_f1", "g_mean", "ece", "nll", "auc")
    }
    for scheme in ("many_medium_few", "thirds"):
        values |= metrics["groups"][scheme]
        intervals |= metrics["intervals"][scheme]
    rows: list[dict[str, object]] = []
    for name, value in values.items():
        low, high = intervals.get(name) or (None, None)
        rows.append({"metric": name, "value": value, "low": low, "high": high})
    return rows


def _bounds(low: object, high: object) -> str | None:
    return None if low is None else f"{low:.2f} to {high:.2f}"
