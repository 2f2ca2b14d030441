"""Figure: ROC curves of the classes of each group, one against the rest."""

from collections.abc import Iterator

from matplotlib.figure import Figure

from decouple.evaluation.roc import group_roc
from decouple.figures.request import FigureRequest
from decouple.figures.run_errors import classifier_label
from decouple.figures.run_scores import SplitScores, split_scores
from decouple.reporting.chosen_method import NO_METHOD
from decouple.reporting.function_curves import CurvePanel, draw_curves
from decouple.reporting.series import Floats


def draw_roc(request: FigureRequest) -> Figure:
    """Draw the mean ROC curve over the classes of each group, with the area under it; a panel for each group."""
    groups = {name: list(members) for name, members in request.same_classes().groups.items() if members}
    curves: dict[str, dict[str, tuple[Floats, Floats]]] = {name: {} for name in groups}
    areas: dict[str, list[str]] = {name: [] for name in groups}
    for label, scores in _scores(request):
        for name, members in groups.items():
            curve = group_roc(scores.probabilities, scores.labels, members)
            if curve is not None:
                curves[name][label] = (curve.false_positives, curve.true_positives)
                areas[name].append(f"{label}: area {curve.auc:.3f}")
    panels = [
        CurvePanel(
            "false positives (share of the others)",
            "true positives (share of the class)",
            of_group,
            title=name,
            note="\n".join(areas[name]),
            y_range=(0, 1.02),
        )
        for name, of_group in curves.items()
        if of_group
    ]
    note = "one class against the rest, mean over the classes"
    return draw_curves("ROC curves by class group", panels, subtitle=request.run_subtitle(note=note))


def _scores(request: FigureRequest) -> Iterator[tuple[str, SplitScores]]:
    """Yield the label and the scores of every classifier."""
    config = request.config
    for training in request.runs:
        for method in config.stage2 or (NO_METHOD,):
            scores = split_scores(training, method, weights=config.weights, split=config.split)
            yield classifier_label(request, training, method), scores
