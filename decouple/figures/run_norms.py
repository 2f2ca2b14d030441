"""Figures of feature norms: of chosen classes over the epochs, and of all classes over the test images."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from decouple.class_counts import largest_first
from decouple.errors import RunError
from decouple.evaluation.feature_norms import mean_feature_norms
from decouple.figures.request import FigureRequest
from decouple.figures.run_scores import run_features
from decouple.figures.sources import LabelledRun
from decouple.files.feature_norms import FeatureNorms, read_feature_norms
from decouple.reporting.class_axis import ClassAxis, class_labels
from decouple.reporting.feature_norms_by_class import draw_feature_norms_by_class
from decouple.reporting.feature_norms_of_test import draw_test_feature_norms
from decouple.reporting.function_curves import CurvePanel, draw_curves
from decouple.reporting.series import Floats

_SPLITS = {"val": "validation images", "train": "training images"}
MARKED = 10  # epochs: up to so many are marked
ENDS = 2  # largest and smallest classes that are drawn unless others are named


def draw_epoch_norms(request: FigureRequest) -> Figure:
    """Draw the mean feature norm of classes over the epochs: a panel for each class, a curve for each training.

    Of one training without `classes`, all classes are drawn in one panel.
    """
    record, config = request.same_classes(), request.config
    norms = {training.label: _norms(training) for training in request.runs}
    splits = " and ".join(dict.fromkeys(_SPLITS[norm.split] for norm in norms.values()))
    order = largest_first(record.group_counts).tolist()
    if len(norms) == 1 and not config.classes:
        axis = ClassAxis(record.class_names, record.group_counts, record.groups)
        values = next(iter(norms.values())).norms.double().numpy()
        return draw_feature_norms_by_class(values, axis, subtitle=request.run_subtitle(note=splits))
    ranks = request.class_ranks(len(order)) or (*range(ENDS), *range(len(order) - ENDS, len(order)))
    chosen = [order[rank] for rank in dict.fromkeys(ranks)]
    curves = {label: norm.norms.double().numpy() for label, norm in norms.items()}
    names, counts = class_labels(record.class_names), record.group_counts
    panels = _class_panels(curves, {label: f"{names[label]} ({counts[label]:,} images)" for label in chosen})
    return draw_curves("Feature norm of classes over epochs", panels, subtitle=request.subtitle(splits))


def _class_panels(curves: Mapping[str, Floats], titles: Mapping[int, str]) -> list[CurvePanel]:
    """Return a panel for each class of `titles`, all with the same scale; curves are norms (E, C) of each training."""
    highest = max(float(np.nan_to_num(values[:, list(titles)]).max(initial=0)) for values in curves.values())
    return [
        CurvePanel(
            "epoch",
            "mean norm of the features",
            {name: _known(values[:, label]) for name, values in curves.items()},
            title=title,
            x_whole=True,
            y_range=(0, 1.05 * highest or 1.0),
            points=all(len(values) <= MARKED for values in curves.values()),
        )
        for label, title in titles.items()
    ]


def draw_test_norms(request: FigureRequest) -> Figure:
    """Draw the mean feature norm of the images of every class in a split, for each training."""
    record, config = request.same_classes(), request.config
    norms = {
        training.label: mean_feature_norms(
            run_features(training, config.weights)[config.split], len(record.class_names)
        ).tolist()
        for training in request.runs
    }
    axis = ClassAxis(record.class_names, record.group_counts)
    return draw_test_feature_norms(axis, norms, subtitle=request.run_subtitle())


def _norms(training: LabelledRun) -> FeatureNorms:
    norms = read_feature_norms(training.run.feature_norms)
    if norms is None:
        raise RunError(f"{training.run.path} holds no feature norms: train it again; a run of features has none")
    return norms


def _known(values: Floats) -> tuple[Floats, Floats]:
    """Return the epochs, from 1, that have a value, and the values."""
    epochs = np.flatnonzero(np.isfinite(values))
    return (epochs + 1).astype(np.float64), values[epochs]
