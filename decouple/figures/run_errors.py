"""Figures of the errors of runs: per class, or per group of neighbouring classes, of several trainings together."""

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.figure import Figure

from decouple.figures.request import FigureRequest
from decouple.figures.sources import LabelledRun
from decouple.reporting.chosen_method import NO_METHOD, STAGE_ONE
from decouple.reporting.class_axis import ClassAxis
from decouple.reporting.class_series import draw_class_series, mean_of_neighbours
from decouple.reporting.run_figures import rows_of
from decouple.reporting.series import Floats, with_gaps


def draw_class_error(request: FigureRequest) -> Figure:
    """Draw the error of every class under each training and method, a mean over seeds; neighbours taken together."""
    record, together = request.same_classes(), request.config.together
    counts = list(record.group_counts)
    errors = {label: class_errors(recalls) for label, recalls in classifier_recalls(request)}
    axis, title = ClassAxis(record.class_names, counts), "Error of every class"
    if together > 1:
        errors = {label: mean_of_neighbours(row.tolist(), counts, together) for label, row in errors.items()}
        names = range_names(len(counts), together)
        axis = ClassAxis(names, range(len(names), 0, -1), label=f"{together} classes, the largest first")
        title = "Error of neighbouring classes"
    series = {label: row.tolist() for label, row in errors.items()}
    subtitle = request.run_subtitle(note=_seeds_note(request.runs))
    return draw_class_series(title, axis, series, y_label="error (%)", subtitle=subtitle)


def classifier_recalls(request: FigureRequest) -> Iterator[tuple[str, list[Sequence[float | None]]]]:
    """Yield label, and the accuracies per class of each seed, of every classifier that the request names."""
    config = request.config
    methods = config.stage2 or (NO_METHOD,)
    for training in request.runs:
        for method in methods:
            entry = training.entry(method, config.weights)
            rows = [rows_of(run.read_results(), config.weights, config.split) for run in training.seeds]
            key = STAGE_ONE if entry == NO_METHOD else entry
            yield classifier_label(request, training, method), [row[key]["per_class"] for row in rows]


def classifier_label(request: FigureRequest, training: LabelledRun, method: str) -> str:
    """Return what a legend calls a classifier: the training, the method, or both where there are several of both."""
    several_runs, several_methods = len(request.runs) > 1, len(request.config.stage2) > 1
    name = STAGE_ONE if method == NO_METHOD else method
    if several_methods:
        return f"{training.label} / {name}" if several_runs else name
    return training.label if several_runs or method == NO_METHOD else f"{training.label} / {name}"


def class_errors(recalls: Sequence[Sequence[float | None]]) -> Floats:
    """Return 100 minus the mean accuracy over seeds of every class, (C,) in percent; NaN without test images.

    Example:
        >>> class_errors([[90.0, None], [80.0, None]]).tolist()
        [15.0, nan]
    """
    rows = np.stack([with_gaps(row) for row in recalls])
    return np.asarray(100 - rows.mean(axis=0))


def range_names(num_classes: int, together: int) -> list[str]:
    """Return the ranks of neighbouring classes, such as "1-10", the last range perhaps shorter.

    Example:
        >>> range_names(25, 10)
        ['1-10', '11-20', '21-25']
    """
    ends = [(start + 1, min(start + together, num_classes)) for start in range(0, num_classes, together)]
    return [str(first) if first == last else f"{first}-{last}" for first, last in ends]


def _seeds_note(runs: Sequence[LabelledRun]) -> str:
    counts = {len(training.seeds) for training in runs}
    most = max(counts)
    return "" if most == 1 else f"mean of {most} seeds" if len(counts) == 1 else f"mean of up to {most} seeds"
