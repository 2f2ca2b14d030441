"""Frozen features or a trained stage one: which run a fit recommends."""

from collections.abc import Sequence

import numpy as np

from decouple.datasets.data import VAL
from decouple.files.run_dir import RunDir
from stage2.recommendation import (
    HeldOutPredictions,
    balanced_interval,
    predict_held_out,
    recommended_classifier,
    tells_apart,
)


def choose_run(runs: Sequence[RunDir]) -> tuple[RunDir, str]:
    """Return the run whose recommended classifier is better on validation, and why in one sentence.

    The runs are in order of simplicity: a later one replaces an earlier one only if the 95 % paired bootstrap interval
    of their difference in balanced accuracy on the same validation images lies above 0. Out-of-fold logits of frozen
    features cover training images too; only their validation images are compared.

    Args:
        runs: finished runs on the same images, with a recommendation each; 1 or more.
    """
    chosen, reason = runs[0], "it is the only run"
    for run in runs[1:]:
        earlier, later = (_on_validation(candidate) for candidate in (chosen, run))
        if earlier is None or later is None or not np.array_equal(earlier.labels, later.labels):
            reason = f"{chosen.name} is simpler, and there are no validation images to compare it with {run.name}"
        elif tells_apart(later, earlier):
            reason = f"{_in_words(run, later)} is better than {_in_words(chosen, earlier)} on validation"
            chosen = run
        else:
            reason = (
                f"{_in_words(run, later)} is not better than {_in_words(chosen, earlier)} beyond doubt on "
                f"{len(later.labels):,} validation images, and {chosen.name} is simpler"
            )
    return chosen, reason


def _on_validation(run: RunDir) -> HeldOutPredictions | None:
    """Return the predictions of the recommended classifier on the validation images; None where there are none."""
    images = run.read_data().images.get(VAL, 0)
    recommended = recommended_classifier(run)
    predictions = predict_held_out(run, recommended.checkpoint, recommended.method) if images else None
    if predictions is None or len(predictions.labels) < images:
        return None
    # validation images come last among the joined ones
    return HeldOutPredictions(predictions.correct[-images:], predictions.labels[-images:], predictions.source)


def _in_words(run: RunDir, predictions: HeldOutPredictions) -> str:
    low, high = balanced_interval(predictions)
    return f"{run.name} ({100 * predictions.balanced():.1f} % [{low:.1f}, {high:.1f}])"
