"""Figure: test images of the smallest classes that are classified right and wrong."""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from decouple.class_counts import largest_first
from decouple.errors import RunError
from decouple.figures.request import FigureRequest
from decouple.figures.run_scores import split_scores
from decouple.pages.example_images import open_example_images
from decouple.reporting.chosen_method import NO_METHOD
from decouple.reporting.class_axis import class_labels
from decouple.reporting.contact_sheet import draw_contact_sheet
from decouple.reporting.palette import INK

PER_SIDE = 3  # right images of a class, and wrong ones
MAX_CLASSES = 5
WRONG = "#aa3355"
BLANK = -1


def draw_tail_examples(request: FigureRequest) -> Figure:
    """Draw test images of the smallest classes: on the left right ones, on the right wrong ones, the surest first."""
    training, config = request.runs[0], request.config
    method = config.stage2[0] if config.stage2 else NO_METHOD
    record = training.record
    images = open_example_images(training.run)
    if isinstance(images, str):
        raise RunError(images)
    scores = split_scores(training, method, weights=config.weights, split=config.split)
    labels, predicted = scores.labels, scores.probabilities.argmax(axis=1)
    confidence = scores.probabilities.max(axis=1)
    order = largest_first(record.group_counts)
    classes = [int(order[rank]) for rank in request.class_ranks(len(order))] or order[::-1][:MAX_CLASSES].tolist()
    positions = example_positions(labels, predicted, confidence, classes)
    pixels = images.data.pixels.read(images.data.splits[config.split][np.maximum(positions, 0)])
    pixels[positions == BLANK] = 255
    names = class_labels(record.class_names)
    captions = [
        "" if position == BLANK else _caption(names, int(labels[position]), int(predicted[position]))
        for position in positions.tolist()
    ]
    right = labels[positions] == predicted[positions]
    name = "stage one" if method == NO_METHOD else method
    title = f"Smallest classes: right (left) and wrong (right) · {training.label} · {name} · {config.split} split"
    colours = [INK if correct else WRONG for correct in right.tolist()]
    return draw_contact_sheet(pixels, captions, request.subtitle(title), columns=2 * PER_SIDE, colours=colours)


def example_positions(
    labels: NDArray[np.int64], predicted: NDArray[np.int64], confidence: NDArray[np.floating], classes: list[int]
) -> NDArray[np.int64]:
    """Return positions of images, a row of 6 for each class: 3 right ones, 3 wrong ones, -1 where there is none.

    Args:
        labels: (N,).
        predicted: (N,).
        confidence: of the predicted class, (N,); the most confident images come first.
        classes: from top to bottom.

    Example:
        >>> example_positions(np.array([0, 0, 1]), np.array([0, 1, 1]), np.array([0.9, 0.8, 0.7]), [0]).tolist()
        [0, -1, -1, 1, -1, -1]
    """
    row: list[int] = []
    surest = np.argsort(-confidence, kind="stable")
    for label in classes:
        for correct in (True, False):
            members = surest[(labels[surest] == label) & ((predicted[surest] == label) == correct)][:PER_SIDE].tolist()
            row += members + [BLANK] * (PER_SIDE - len(members))
    return np.array(row, dtype=np.int64)


def _caption(names: list[str], label: int, predicted: int) -> str:
    return f"{names[label]}\nright" if label == predicted else f"{names[label]}\nas {names[predicted]}"
