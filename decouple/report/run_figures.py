"""Every figure of a run, drawn from the files in its folder alone, as PNG and SVG."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from decouple.evaluation.metrics import Metrics
from decouple.files.data_record import DataRecord
from decouple.files.results import Results
from decouple.files.run_dir import RunDir
from decouple.report.chosen_method import NO_METHOD, STAGE_ONE, chosen_classifier, compared_classifiers
from decouple.report.class_distribution import draw_class_distribution
from decouple.report.confusion import draw_confusion
from decouple.report.figure_files import remove_run_figure, save_run_figure
from decouple.report.hyperparameter_curve import draw_hyperparameter_curve
from decouple.report.method_comparison import draw_method_comparison
from decouple.report.per_class_accuracy import draw_per_class_accuracy
from decouple.report.style import subtitle_of
from decouple.report.training_curves import draw_training_curves
from decouple.report.weight_norms import draw_weight_norms

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
    data = source.data
    counts = {"training": data.group_counts}
    counts |= {SPLIT_TITLES[split]: per_class for split, per_class in data.split_counts.items()}
    figure = draw_class_distribution(data.class_names, counts, data.groups, subtitle=subtitle_of(run.name))
    save_run_figure(figure, run.figure("class_distribution"))
    figure = draw_training_curves(read_history(run), subtitle=subtitle_of(run.name))
    save_run_figure(figure, run.figure("training"))
    _draw_comparison(source)


def read_history(run: RunDir) -> dict[str, list[float | None]]:
    """Return the columns of history.csv, a value or None for each epoch."""
    with run.history.open(encoding="utf-8", newline="") as opened:
        table = list(csv.DictReader(opened))
    return {key: [float(row[key]) if row[key] else None for row in table] for key in table[0]}


def draw_stage2(run: RunDir, checkpoint: str, names: Sequence[str], *, every_method: bool = False) -> None:
    """Draw the figures that compare stage one with stage two, and the hyper-parameter curves of the methods `names`.

    Args:
        run: a finished run.
        checkpoint: stage-one weights, last or best.
        names: entries of stage two that were fitted now.
        every_method: draw the confusion matrix of each of `names` and the class accuracies of all methods too.
    """
    source = _Source(run, run.read_data(), run.read_results(), checkpoint)
    _draw_comparison(source)
    for name in names:
        _draw_curve(source, name)
        remove_run_figure(run.figure(f"confusions/{name}", checkpoint))  # that of an earlier fit
    if every_method:
        for name in (STAGE_ONE, *names):
            _draw_confusion(source, name, f"confusions/{name.replace(' ', '_')}")
        _draw_per_class(source, list(source.rows), "per_class_accuracy_all")


def _draw_comparison(source: _Source) -> None:
    """Draw the figures of stage one and the chosen method, and those that compare all methods."""
    _draw_per_class(source, compared_classifiers(source.results, source.checkpoint), "per_class_accuracy")
    _draw_confusion(source, chosen_classifier(source.results, source.checkpoint), "confusion")
    norms = draw_weight_norms(source.data.group_counts, _weight_norms(source), subtitle=source.subtitle(split=""))
    save_run_figure(norms, source.run.figure("weight_norms", source.checkpoint))
    if len(source.rows) > 1:
        figure = draw_method_comparison(source.rows, subtitle=source.subtitle())
        save_run_figure(figure, source.run.figure("methods", source.checkpoint))


def _draw_per_class(source: _Source, names: Sequence[str], figure_name: str) -> None:
    data, rows = source.data, source.rows
    accuracies = {name: rows[name]["per_class"] for name in names if name in rows}
    figure = draw_per_class_accuracy(
        data.class_names, data.group_counts, accuracies, data.split_counts["test"], subtitle=source.subtitle()
    )
    save_run_figure(figure, source.run.figure(figure_name, source.checkpoint))


def _draw_confusion(source: _Source, name: str, figure_name: str) -> None:
    table = source.rows[name]["confusion"] if name in source.rows else None
    if table is not None:
        counts = source.data.group_counts
        figure = draw_confusion(table, source.data.class_names, counts, subtitle=source.subtitle(method=name))
        save_run_figure(figure, source.run.figure(figure_name, source.checkpoint))


def _weight_norms(source: _Source) -> Mapping[str, Sequence[float]]:
    norms: dict[str, Sequence[float]] = {STAGE_ONE: source.results.stage1[source.checkpoint].weight_norms or ()}
    entries = source.results.stage2.get(source.checkpoint, {})
    return norms | {
        name: entry.weight_norms
        for name, entry in entries.items()
        if entry.method != NO_METHOD and entry.weight_norms  # none has stage one's
    }


def _draw_curve(source: _Source, name: str) -> None:
    entry = source.results.stage2[source.checkpoint][name]
    path, curve = source.run.figure(f"{name}_curve", source.checkpoint), entry.curve
    if curve is None:  # the figure of an earlier selection is out of date
        remove_run_figure(path)
        return
    selected = float(entry.selection.values[curve.hyperparameter])
    subtitle = source.subtitle(method=name, split="validation")
    figure = draw_hyperparameter_curve(curve.hyperparameter, curve.values, curve.accuracy, selected, subtitle=subtitle)
    save_run_figure(figure, path)
