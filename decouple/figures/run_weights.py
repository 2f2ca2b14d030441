"""Figures of the weight norms of runs: under every classifier, and scaled by several tau."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from decouple.errors import RunError
from decouple.figures.request import FigureRequest
from decouple.figures.sources import LabelledRun
from decouple.figures.weight_scaling import scaled_norms
from decouple.reporting.chosen_method import NO_METHOD
from decouple.reporting.class_axis import ClassAxis
from decouple.reporting.class_series import draw_class_series
from decouple.reporting.weight_norms import draw_weight_norms
from stage2.saved_classifiers import saved_methods


def draw_run_weight_norms(request: FigureRequest) -> Figure:
    """Draw the weight norm of every class against its size, for all classifiers of the runs that have weights."""
    record, weights = request.same_classes(), request.config.weights
    norms = {}
    for training in request.runs:
        names = request.config.stage2 or _all_methods(training, weights)
        for name in names:
            values = class_norms(training, name, weights)
            if values is not None:
                norms[_label(request, training, name)] = values
    if not norms:
        raise RunError(f"{request.runs[0].run.path} has no classifier with a weight for each class")
    return draw_weight_norms(record.group_counts, norms, subtitle=request.run_subtitle())


def draw_tau_norms(request: FigureRequest) -> Figure:
    """Draw the weight norms of stage one's classifier by class, scaled by several tau."""
    training, record = request.runs[0], request.runs[0].record
    norms = class_norms(training, NO_METHOD, request.config.weights)
    if norms is None:
        raise RunError(f"{training.run.path} has no classifier with a weight for each class")
    values = np.asarray(norms, dtype=np.float64)
    taus = request.config.values or (0.0, 0.3, 0.5, 0.7, 1.0)
    series = {f"tau {tau:g}": scaled_norms(values, tau).tolist() for tau in taus}
    subtitle = request.run_subtitle(note="w / ||w||^tau")
    return draw_class_series(
        "Weight norms scaled by tau",
        ClassAxis(record.class_names, record.group_counts),
        series,
        y_label="norm of the class weights",
        subtitle=subtitle,
    )


def class_norms(training: LabelledRun, method: str, weights: str) -> Sequence[float] | None:
    """Return the weight norm of each class under a classifier, C values; None where it has no such weights."""
    entry, results = training.entry(method, weights), training.run.read_results()
    stored = results.stage1[weights] if entry == NO_METHOD else results.stage2[weights][entry]
    return stored.weight_norms


def _all_methods(training: LabelledRun, weights: str) -> list[str]:
    """Return the entries of stage two, with stage one's own classifier first where no entry is that."""
    if not training.entries:
        return saved_methods(training.run, weights)
    own = [] if NO_METHOD in training.entries.values() else [NO_METHOD]
    return [*own, *training.entries]


def _label(request: FigureRequest, training: LabelledRun, method: str) -> str:
    name = "stage one" if method == NO_METHOD else method
    return f"{training.label} / {name}" if len(request.runs) > 1 else name
