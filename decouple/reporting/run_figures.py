"""Every figure of a run, drawn from the files in its folder alone, as PNG, and as SVG where all are drawn."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from decouple.evaluation.metrics import Metrics
from decouple.files.data_record import DataRecord
from decouple.files.feature_norms import read_feature_norms
from decouple.files.results import Results
from decouple.files.run_dir import RunDir
from decouple.reporting.chosen_method import NO_METHOD, STAGE_ONE, chosen_classifier, compared_classifiers
from decouple.reporting.class_axis import ClassAxis
from decouple.reporting.class_distribution import draw_class_distribution
from decouple.reporting.confused_pairs import draw_confused_pairs, pairs_of_matrix
from decouple.reporting.confusion import draw_confusion
from decouple.reporting.feature_norms import draw_feature_norms
from decouple.reporting.feature_norms_by_class import draw_feature_norms_by_class
from decouple.reporting.figure_files import remove_run_figure, save_run_figure
from decouple.reporting.hyperparameter_curve import draw_hyperparameter_curve
from decouple.reporting.method_comparison import draw_method_comparison
from decouple.reporting.per_class_accuracy import draw_per_class_accuracy
from decouple.reporting.style import subtitle_of
from decouple.reporting.training_curves import draw_training_curves
from decouple.reporting.weight_norms import draw_weight_norms

SPLIT_TITLES = {"val": "validation", "test": "test", "test_longtailed": "long-tailed test"}


@dataclass(frozen=True)
class _Source:
    """What the figures of a run under one checkpoint are drawn from."""

    run: RunDir
    data: DataRecord
    results: Results
    checkpoint: str

    @property
    def rows(self) -> dict[str, Metrics]:
        """The test metrics of stage one and of each method."""
        return rows_of(self.results, self.checkpoint)

    def subtitle(self, *, method: str = "", split: str = "test", note: str = "") -> str:
        """Return the second line of a figure's title."""
        return subtitle_of(self.run.name, method=method, split=split, weights=self.checkpoint, note=note)


def rows_of(results: Results, checkpoint: str, split: str = "test") -> dict[str, Metrics]:
    """Return the metrics of each classifier on a split under a checkpoint: stage one, then each method."""
    rows = {STAGE_ONE: results.stage1[checkpoint].metrics[split]}
    return rows | {
        name: entry.metrics[split]
        for name, entry in results.stage2.get(checkpoint, {}).items()
        if entry.method != NO_METHOD
    }


def draw_stage1(run: RunDir) -> None:
    """Draw the class distribution, the training curves, and stage one's accuracy, weight norms and confusions."""
    source = _Source(run, run.read_data(), run.read_results(), "last")
    _save(source, {**_training_figures(source), **_comparison_figures(source)})


def draw_stage2(run: RunDir, checkpoint: str, names: Sequence[str], *, every_method: bool = False) -> None:
    """Draw the figures that compare stage one with stage two, and the hyper-parameter curves of the methods `names`.

    Args:
        run: a finished run.
        checkpoint: stage-one weights, last or best.
        names: entries of stage two that were fitted now.
        every_method: draw the confusion matrix of each of `names` and the class accuracies of all methods too, and
            write every figure as SVG too.
    """
    source = _Source(run, run.read_data(), run.read_results(), checkpoint)
    for name in names:  # figures of earlier fits
        remove_run_figure(run.figure(f"{name}_curve", checkpoint))
        remove_run_figure(run.figure(f"confusions/{name}", checkpoint))
    figures = {**_comparison_figures(source), **_curves(source, names)}
    if every_method:
        figures |= _figures_of_every_method(source, names)
    _save(source, figures, svg=every_method)


def run_figures(run: RunDir, checkpoint: str) -> dict[str, Figure]:
    """Return every figure of a run that its results alone give, by the name of its file, for a page.

    Args:
        run: a finished run.
        checkpoint: stage-one weights, last or best.
    """
    source = _Source(run, run.read_data(), run.read_results(), checkpoint)
    names = list(source.results.stage2.get(checkpoint, {}))
    return {**_training_figures(source), **_comparison_figures(source), **_curves(source, names)}


def read_history(run: RunDir) -> dict[str, list[float | None]]:
    """Return the columns of history.csv, a value or None for each epoch; no column where there is no epoch."""
    if not run.history.exists():
        return {}
    with run.history.open(encoding="utf-8", newline="") as opened:
        table = list(csv.DictReader(opened))
    return {key: [float(row[key]) if row[key] else None for row in table] for key in table[0]} if table else {}


def _save(source: _Source, figures: Mapping[str, Figure], *, svg: bool = False) -> None:
    for name, figure in figures.items():
        save_run_figure(figure, source.run.figure(name, source.checkpoint), svg=svg)


def _training_figures(source: _Source) -> dict[str, Figure]:
    """Return the figures of the data and of the epochs; a run that was made of features has no epoch."""
    data, subtitle = source.data, subtitle_of(source.run.name)
    counts = {"training": data.group_counts}
    counts |= {SPLIT_TITLES[split]: per_class for split, per_class in data.split_counts.items()}
    figures = {"class_distribution": draw_class_distribution(data.class_names, counts, data.groups, subtitle=subtitle)}
    history = read_history(source.run)
    if history:
        figures["training"] = draw_training_curves(history, subtitle=subtitle)
    norms = {group: history[f"val_norm_{group}"] for group in data.groups if f"val_norm_{group}" in history}
    if any(mean is not None for means in norms.values() for mean in means):
        subtitle = subtitle_of(source.run.name, split="validation")
        figures["feature_norms"] = draw_feature_norms(history["epoch"], norms, subtitle=subtitle)
    return figures | _class_norm_figure(source)


def _class_norm_figure(source: _Source) -> dict[str, Figure]:
    """Return the figure of the feature norm of each class over the epochs, where the run has a record of them."""
    data, record = source.data, read_feature_norms(source.run.feature_norms)
    if record is None or not bool(record.norms.isfinite().any()):
        return {}
    classes = ClassAxis(data.class_names, data.group_counts, data.groups)
    subtitle = subtitle_of(source.run.name, split=SPLIT_TITLES.get(record.split, "training"))
    norms = record.norms.numpy().astype(np.float64)
    return {"feature_norms_by_class": draw_feature_norms_by_class(norms, classes, subtitle=subtitle)}


def _comparison_figures(source: _Source) -> dict[str, Figure]:
    """Return the figures of stage one and the chosen method, and those that compare all methods."""
    names = compared_classifiers(source.results, source.checkpoint)
    chosen = chosen_classifier(source.results, source.checkpoint)
    subtitle = source.subtitle(split="")
    figures = {"per_class_accuracy": _per_class(source, names), **_confusion(source, chosen, "confusion")}
    table = source.rows[chosen]["confusion"]
    if table is not None:
        pairs, of_method = pairs_of_matrix(table), source.subtitle(method=chosen)
        figures["confused_pairs"] = draw_confused_pairs(pairs, source.data.class_names, subtitle=of_method)
    norms = _weight_norms(source)
    if norms:
        figures["weight_norms"] = draw_weight_norms(source.data.group_counts, norms, subtitle=subtitle)
    if len(source.rows) > 1:
        figures["methods"] = draw_method_comparison(source.rows, subtitle=source.subtitle())
    return figures


def _figures_of_every_method(source: _Source, names: Sequence[str]) -> dict[str, Figure]:
    figures = {"per_class_accuracy_all": _per_class(source, list(source.rows))}
    for name in (STAGE_ONE, *names):
        figures |= _confusion(source, name, f"confusions/{name.replace(' ', '_')}")
    return figures


def _per_class(source: _Source, names: Sequence[str]) -> Figure:
    data, rows = source.data, source.rows
    accuracies = {name: rows[name]["per_class"] for name in names if name in rows}
    images = data.split_counts["test"]
    return draw_per_class_accuracy(data.class_names, data.group_counts, accuracies, images, subtitle=source.subtitle())


def _confusion(source: _Source, name: str, figure_name: str) -> dict[str, Figure]:
    """Return the confusion matrix of a classifier; none above 1,000 classes, where none is stored."""
    table = source.rows[name]["confusion"] if name in source.rows else None
    if table is None:
        return {}
    data, subtitle = source.data, source.subtitle(method=name)
    return {figure_name: draw_confusion(table, data.class_names, data.group_counts, subtitle=subtitle)}


def _weight_norms(source: _Source) -> Mapping[str, Sequence[float]]:
    norms: dict[str, Sequence[float]] = {STAGE_ONE: source.results.stage1[source.checkpoint].weight_norms or ()}
    norms |= {
        name: entry.weight_norms
        for name, entry in source.results.stage2.get(source.checkpoint, {}).items()
        if entry.method != NO_METHOD and entry.weight_norms  # none has stage one's
    }
    return {name: values for name, values in norms.items() if values}


def _curves(source: _Source, names: Sequence[str]) -> dict[str, Figure]:
    """Return the hyper-parameter curve of each of `names` that has one."""
    figures = {}
    for name in names:
        entry = source.results.stage2[source.checkpoint][name]
        curve = entry.curve
        if curve is not None:
            selected = float(entry.selection.values[curve.hyperparameter])
            subtitle = source.subtitle(method=name, split="validation")
            figures[f"{name}_curve"] = draw_hyperparameter_curve(
                curve.hyperparameter, curve.values, curve.accuracy, selected, subtitle=subtitle
            )
    return figures
