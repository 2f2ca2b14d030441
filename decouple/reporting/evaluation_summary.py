"""What `decouple evaluate` prints: every metric, the accuracy of every class, calibration, sets, changing priors."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from decouple.evaluation.group_metrics import GroupMetrics
from decouple.evaluation.metrics import Metrics
from decouple.evaluation.prediction_sets import SetReport
from decouple.evaluation.recall_intervals import MIN_RANKED_IMAGES
from decouple.group_schemes import describe_scheme, read_group_scheme
from decouple.reporting.columns import shown
from decouple.reporting.names import printable, shorten
from decouple.reporting.result_records import EvaluationRecord
from decouple.reporting.tables import class_table, results_table, rows_table
from decouple.reporting.terminal import Block

MAX_LOWEST = 5  # classes of the lowest accuracy that are named


def evaluation_summary(record: EvaluationRecord, class_counts: Sequence[int]) -> list[Block]:
    """Return the tables of an evaluation; `class_counts` (C,) are the training images."""
    source = record.images if record.split is None else record.split
    title = f"{Path(record.run).name}, {record.method}, {record.weights} weights: "
    title += f"{record.metrics['images']:,} images of {source}, %"
    return [
        results_table({record.method: record.metrics}, title=title),
        rows_table(metric_rows(record.metrics), best=None),
        "",
        describe_scheme(read_group_scheme(record.group_scheme)),
        rows_table(group_rows(record.groups), best=None),
        "recall: mean over classes, %; micro: share of the images, %; loss: nats",
        class_table(record.class_names, _class_columns(record, class_counts)),
        _lowest(record),
        *_calibration(record),
        *([] if record.sets is None else [_set_lines(record.sets)]),
        "",
        "Accuracy if the classes occurred as often as (long-tailed like training, forward; reversed, backward):",
        rows_table([{name: f"{value:.2f}" for name, value in record.changing_priors.items()}], best=None),
    ]


def _class_columns(record: EvaluationRecord, class_counts: Sequence[int]) -> dict[str, Sequence[object]]:
    recalls = record.recalls
    return {
        "train": class_counts,
        "tested": [recall.images for recall in recalls],
        "accuracy %": ["-" if recall.recall is None else f"{recall.recall:.2f}" for recall in recalls],
        "95 % interval": [f"{recall.low:.1f} to {recall.high:.1f}" if recall.images else "-" for recall in recalls],
        "precision %": [
            "-" if value is None else f"{value:.2f}" for value in record.metrics.get("per_class_precision", ())
        ],
        "": ["few images" if recall.images and recall.few_images else None for recall in recalls],
    }


def group_rows(groups: Mapping[str, GroupMetrics]) -> list[dict[str, object]]:
    """Return a row for each class group: accuracy as mean of recalls and over its images, F1 and loss."""
    return [
        {
            "group": name,
            "classes": row["classes"],
            "images": row["images"],
            "recall": shown(row["recall"]),
            "95 %": _bounds(*(row["recall_interval"] or (None, None))),
            "micro": shown(row["micro"]),
            "its 95 %": _bounds(*(row["micro_interval"] or (None, None))),
            "macro-F1": shown(row["macro_f1"]),
            "loss": None if row["nll"] is None else f"{row['nll']:.4f}",
        }
        for name, row in groups.items()
    ]


def _lowest(record: EvaluationRecord) -> str:
    """Return the classes of the lowest accuracy, among those with enough images to be ranked."""
    rows = zip(record.class_names, record.recalls, strict=True)
    ranked = [(recall.recall, name) for name, recall in rows if recall.recall is not None and not recall.few_images]
    if len(ranked) < 2:
        return f"classes are not ranked: fewer than two have {MIN_RANKED_IMAGES} images or more"
    lowest = sorted(ranked)[: min(MAX_LOWEST, len(ranked) - 1)]
    names = ", ".join(f"{shorten(printable(name), 40)} {accuracy:.1f} %" for accuracy, name in lowest)
    return f"lowest accuracy of the {len(ranked):,} classes with {MIN_RANKED_IMAGES} images or more: {names}"


def _calibration(record: EvaluationRecord) -> list[Block]:
    """Return the calibration errors, all and by group, before and after the temperature, and after one per group."""
    if record.calibrated_on is None:
        heading = (
            "Expected calibration error in %, 15 bins (the run has no held-out images, so there is no temperature):"
        )
    else:
        heading = (
            f"Expected calibration error in %, 15 bins, before and after the temperature {record.temperature:.3g} "
        )
        heading += f"({record.calibrated_on}):"
    rows: list[dict[str, object]] = []
    for group, before in record.calibration["before"].items():
        after, by_group = record.calibration["after"][group], record.calibration["by_group"][group]
        if before is not None and after is not None and by_group is not None:
            row: dict[str, object] = {"images of": group, "images": before.images}
            for name in ("equal_width", "equal_mass"):
                for stage, errors in (("before", before), ("after", after)):
                    row[f"{name.replace('_', ' ')}, {stage}"] = f"{100 * getattr(errors, name):.2f}"
            row["equal width, a temperature per group"] = f"{100 * by_group.equal_width:.2f}"
            rows.append(row)
    return ["", heading, rows_table(rows, best=None)]


def _set_lines(sets: SetReport) -> str:
    return (
        f"prediction sets: {sets.coverage:.1f} % of images covered, {sets.macro_coverage:.1f} % on average over "
        f"classes, {sets.undercovered_classes:.1f} % of classes covered less than half; "
        f"{sets.mean_size:.2f} classes on average"
    )


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
