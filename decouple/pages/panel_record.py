"""The live panel of a run as JSON that its page reads."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decouple.pages.live_panel import PRIOR_STOPS, TAU_STOPS
from decouple.pages.panel_data import REST_STEPS, encoded, panel_scores, sample_images
from decouple.pages.run_source import RunSource
from decouple.reporting.names import printable, shorten

MAX_NAME = 40  # characters of a class name in the panel


@dataclass(frozen=True)
class LivePanel:
    """The live panel of a page."""

    record: dict[str, object]  # what the script reads
    images: int  # test images whose scores it holds
    of: int  # test images in all
    classifiers: tuple[str, ...]  # titles
    metrics: tuple[tuple[str, str], ...]  # name in the script, and title, of each row of the table


def live_panel(source: RunSource) -> LivePanel:
    """Return the quantised test scores of the classifiers of a page, and what else the panel needs."""
    labels, classifiers = source.test.labels.numpy(), source.classifiers
    num_classes, shares = len(source.record.class_names), source.shares
    images = sample_images(labels, num_classes, len(classifiers))
    scores = [
        panel_scores(
            entry.title, entry.calibrated, source.test, images, shares=shares, num_classifiers=len(classifiers)
        )
        for entry in classifiers
    ]
    names = [shorten(printable(name), MAX_NAME) for name in source.record.class_names]
    groups = {name: members for name, members in source.record.groups.items() if members}
    record: dict[str, object] = {
        "names": names,
        "pair": most_confused_pair(labels, source.stage_one.scores.predicted),
        "labels": encoded(labels[images].astype(np.uint16)),
        "logShares": [round(value, 6) for value in np.log(shares).tolist()],
        "groups": {name: list(members) for name, members in groups.items()},
        "tauStops": TAU_STOPS,
        "priorStops": PRIOR_STOPS,
        "restSteps": REST_STEPS,
        "classifiers": [entry.record() for entry in scores],
    }
    metrics = (
        ("deployed", "all images, by the prior"),
        ("balanced", "balanced"),
        *((name, f"{name} classes") for name in groups),
        ("answered", "images that get a class"),
        ("answeredAccuracy", "accuracy on those"),
    )
    return LivePanel(record, len(images), len(labels), tuple(entry.title for entry in classifiers), metrics)


def most_confused_pair(labels: NDArray[np.int64], predicted: NDArray[np.int64]) -> tuple[int, int]:
    """Return the true and the predicted class of the most frequent error, classes 0 and 1 where there is none.

    Example:
        >>> most_confused_pair(np.array([2, 2, 1]), np.array([1, 1, 0]))
        (2, 1)
    """
    wrong = labels != predicted
    if not wrong.any():
        return (0, 1)
    pairs, counts = np.unique(np.stack([labels[wrong], predicted[wrong]]), axis=1, return_counts=True)
    true, other = pairs[:, counts.argmax()].tolist()
    return (true, other)
