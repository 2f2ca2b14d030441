"""Predictions as columns of a table: what is written for each image."""

import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from decouple.deploy.decisions import TOP, Decisions

DIGITS = 6  # of probabilities, behind the point
Columns = dict[str, list[object]]


def column_names(num_classes: int, *, sets: bool) -> list[str]:
    """Return the columns of a table of predictions.

    Example:
        >>> column_names(2, sets=True)
        ['path', 'class', 'probability', 'margin', 'class_1', 'probability_1', 'class_2', 'probability_2', \
'set_size', 'set']
    """
    ranks = range(1, min(TOP, num_classes) + 1)
    ranked = [f"{column}_{rank}" for rank in ranks for column in ("class", "probability")]
    return ["path", "class", "probability", "margin", *ranked, *(["set_size", "set"] if sets else [])]


def prediction_columns(paths: Sequence[str], decisions: Decisions, class_names: Sequence[str]) -> Columns:
    """Return a table of predictions, column by column.

    `class` is None where the classifier abstains; `class_1` is the most probable class in any case. `set` is a list of
    names, most probable first among the five and then in the order of the classes.

    Args:
        paths: of the images, length B.
        decisions: of the same images.
        class_names: (C,).
    """
    names = np.array(class_names, dtype=object)
    ranked = names[decisions.classes]
    probabilities = decisions.probabilities.round(DIGITS)
    columns: Columns = {
        "path": list(paths),
        "class": [
            None if abstained else name for name, abstained in zip(ranked[:, 0], decisions.abstained, strict=True)
        ],
        "probability": probabilities[:, 0].tolist(),
        "margin": decisions.margins.round(DIGITS).tolist(),
    }
    for rank in range(ranked.shape[1]):
        columns[f"class_{rank + 1}"] = ranked[:, rank].tolist()
        columns[f"probability_{rank + 1}"] = probabilities[:, rank].tolist()
    if decisions.members is not None:
        sets = [_ordered(row, ranks) for row, ranks in zip(decisions.members, decisions.classes, strict=True)]
        columns["set_size"] = [len(classes) for classes in sets]
        columns["set"] = [[class_names[label] for label in classes] for classes in sets]
    return columns


def set_text(names: Sequence[str]) -> str:
    """Return a prediction set as the text of one cell, a list in JSON.

    Example:
        >>> set_text(["moth", "bee"])
        '["moth", "bee"]'
    """
    return json.dumps(names, ensure_ascii=False)


def _ordered(members: NDArray[np.bool_], ranked: NDArray[np.int64]) -> list[int]:
    """Return the classes of a set, the most probable five first."""
    first = ranked[members[ranked]].tolist()
    return [*first, *np.setdiff1d(np.flatnonzero(members), first).tolist()]
