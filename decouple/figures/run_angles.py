"""Figure: angles between features and the anchors of two classes, which are the class weights of stage one."""

import numpy as np
from matplotlib.figure import Figure

from decouple.class_counts import largest_first
from decouple.datasets.data import TRAIN
from decouple.errors import ConfigError, RunError
from decouple.figures.request import FigureRequest
from decouple.figures.run_embeddings import chosen_features
from decouple.figures.sources import LabelledRun
from decouple.reporting.class_axis import ClassAxis, class_labels
from decouple.reporting.embedding_panels import EmbeddingPanel, draw_embeddings
from decouple.reporting.series import Floats
from stage2.feature_cache import load_stage1_classifier


def draw_angles(request: FigureRequest) -> Figure:
    """Draw the angles of features to the anchors of two classes: a column for each training, a row for each split.

    An image of the first class lies on the left, one of the second at the bottom; others are beyond a right angle.
    """
    record, config = request.same_classes(), request.config
    order = largest_first(record.group_counts).tolist()
    ranks = request.class_ranks(len(order)) or (0, len(order) - 1)
    if len(ranks) != 2:
        raise ConfigError(f"`classes` must be two numbers, one for each axis, got {len(ranks)}")
    anchors = [order[rank] for rank in ranks]
    rows: dict[str, dict[str, EmbeddingPanel]] = {TRAIN: {}, config.split: {}}
    for training in request.runs:
        weights = _anchors(training, config.weights, anchors)
        for split, (features, labels) in chosen_features(training, request, order).items():
            rows[split][f"{training.label}: {split}"] = EmbeddingPanel(
                angles_to(features.astype(np.float64), weights), labels
            )
    names = class_labels(record.class_names)
    return draw_embeddings(
        "Angles of features to class anchors",
        {heading: panel for row in rows.values() for heading, panel in row.items()},
        ClassAxis(record.class_names, record.group_counts, record.groups),
        columns=max(2, len(request.runs)),
        angles=(f"angle to the anchor of {names[anchors[0]]}", f"angle to the anchor of {names[anchors[1]]}"),
        subtitle=request.subtitle(f"{config.weights} weights; anchors: class weights of stage one"),
    )


def angles_to(features: Floats, anchors: Floats) -> Floats:
    """Return the angle in radians between each feature and each anchor, (N, A); a right one where either is 0.

    Args:
        features: (N, D).
        anchors: (A, D).

    Example:
        >>> angles_to(np.array([[2.0, 0.0]]), np.array([[1.0, 0.0], [0.0, 3.0]])).round(4).tolist()
        [[0.0, 1.5708]]
    """
    lengths = np.linalg.norm(features, axis=1)[:, None] * np.linalg.norm(anchors, axis=1)[None]
    cosines = (features @ anchors.T) / np.where(lengths > 0, lengths, 1)
    return np.asarray(np.arccos(np.clip(cosines, -1, 1)))


def _anchors(training: LabelledRun, checkpoint: str, classes: list[int]) -> Floats:
    """Return the class weights of stage one, (A, D)."""
    weight = load_stage1_classifier(training.run, checkpoint).weight
    if weight is None:
        raise RunError(f"{training.run.path} has no class weights to measure angles from")
    return np.asarray(weight[classes].double().numpy())
