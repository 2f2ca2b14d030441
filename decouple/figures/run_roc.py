"""Figure: ROC curves of the classes of each group, one against the rest."""

from collections.abc import Iterator

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from decouple.figures.request import FigureRequest
from decouple.figures.run_errors import classifier_label
from decouple.figures.run_scores import SplitScores, split_scores
from decouple.reporting.chosen_method import NO_METHOD
from decouple.reporting.function_curves import CurvePanel, draw_curves
from decouple.reporting.series import Floats

GRID = np.linspace(0, 1, 201)  # false-positive rates


def draw_roc(request: FigureRequest) -> Figure:
    """Draw the mean ROC curve over the classes of each group, a panel for each group that has test images."""
    groups = {name: list(members) for name, members in request.same_classes().groups.items() if members}
    curves: dict[str, dict[str, tuple[Floats, Floats]]] = {name: {} for name in groups}
    for label, scores in _scores(request):
        for name, members in groups.items():
            present = [label for label in members if (scores.labels == label).any()]
            rates = [class_roc(scores.probabilities[:, j], scores.labels == j) for j in present]
            if rates:
                curves[name][label] = (GRID, np.mean(rates, axis=0))
    panels = [
        CurvePanel(
            "false positives (share of the others)",
            "true positives (share of the class)",
            of_group,
            title=name,
            y_range=(0, 1.02),
        )
        for name, of_group in curves.items()
        if of_group
    ]
    note = "one class against the rest, mean over the classes"
    return draw_curves("ROC curves by class group", panels, subtitle=request.run_subtitle(note=note))


def class_roc(scores: Floats, positive: NDArray[np.bool_]) -> Floats:
    """Return the true-positive rate at 201 equally spaced false-positive rates, (201,).

    The first is what is reached without a false positive.

    Args:
        scores: of the class, (N,).
        positive: whether the image is of the class, (N,).

    Example:
        >>> rates = class_roc(np.array([0.9, 0.8, 0.1]), np.array([True, False, False]))
        >>> rates[0], rates[-1]
        (1.0, 1.0)
    """
    from sklearn.metrics import roc_curve

    false, true, _ = roc_curve(positive, scores, drop_intermediate=False)
    return np.asarray(np.interp(GRID, false, true))


def _scores(request: FigureRequest) -> Iterator[tuple[str, SplitScores]]:
    """Yield the label and the scores of every classifier."""
    config = request.config
    for training in request.runs:
        for method in config.stage2 or (NO_METHOD,):
            scores = split_scores(training, method, weights=config.weights, split=config.split)
            yield classifier_label(request, training, method), scores
