"""Figure: features of training and test images in two dimensions, of one training or of several side by side."""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from decouple.class_counts import largest_first
from decouple.datasets.data import TRAIN
from decouple.figures.request import FigureRequest
from decouple.figures.run_scores import run_features
from decouple.figures.sources import LabelledRun
from decouple.pages.feature_sample import spread_over_groups
from decouple.reporting.class_axis import ClassAxis
from decouple.reporting.embedding_panels import EmbeddingPanel, draw_embeddings
from decouple.reporting.feature_map import embed_2d, embedding_name


def draw_feature_embeddings(request: FigureRequest) -> Figure:
    """Draw training and test features in two dimensions: a column for each training, a row for each split."""
    record, split = request.same_classes(), request.config.split
    rows: dict[str, list[tuple[str, EmbeddingPanel]]] = {TRAIN: [], split: []}
    for training in request.runs:
        for name, panel in _embed(training, request).items():
            rows[name].append((f"{training.label}: {name}", panel))
    panels = dict(panel for row in rows.values() for panel in row)
    name = embedding_name(sum(len(np.asarray(panel.points)) for panel in panels.values()) // len(request.runs))
    return draw_embeddings(
        f"Features in two dimensions ({name})",
        panels,
        ClassAxis(record.class_names, record.group_counts, record.groups),
        columns=len(request.runs) if len(request.runs) > 1 else 2,
        subtitle=request.subtitle(f"{request.config.weights} weights; each training has a map of its own"),
    )


def _embed(training: LabelledRun, request: FigureRequest) -> dict[str, EmbeddingPanel]:
    """Return the points of both splits in one map."""
    chosen = chosen_features(training, request, classes_of(request))
    points = embed_2d(np.concatenate([features for features, _ in chosen.values()]), seed=request.config.seed)
    parts = np.split(points, [len(chosen[TRAIN][0])])
    return {split: EmbeddingPanel(part, chosen[split][1]) for split, part in zip(chosen, parts, strict=True)}


def chosen_features(
    training: LabelledRun, request: FigureRequest, classes: list[int]
) -> dict[str, tuple[NDArray[np.float32], NDArray[np.int64]]]:
    """Return split -> features (N, D) and labels (N,) of at most half of `images`, for training and the other split.

    Each class has about as many images; the smallest have all.
    """
    config = request.config
    features = run_features(training, config.weights)
    chosen = {}
    for split in (TRAIN, config.split):
        labels = features[split].labels.numpy()
        images = spread_over_classes(labels, classes, config.images // 2)
        chosen[split] = (features[split].stored[images].float().numpy(), labels[images])
    return chosen


def classes_of(request: FigureRequest) -> list[int]:
    """Return the classes to draw: those at the ranks of `classes`, or all."""
    order = largest_first(request.runs[0].record.group_counts).tolist()
    return [order[rank] for rank in request.class_ranks(len(order))] or order


def spread_over_classes(labels: NDArray[np.int64], classes: list[int], limit: int) -> NDArray[np.int64]:
    """Return at most `limit` images of the classes, ascending: equally many of each, all of one that has fewer.

    Example:
        >>> spread_over_classes(np.array([0, 1, 1, 2, 0]), [0, 2], 9)
        array([0, 3, 4])
    """
    members = np.flatnonzero(np.isin(labels, classes))
    groups = {str(label): (label,) for label in classes}
    return np.asarray(members[spread_over_groups(labels[members], groups, limit)])
