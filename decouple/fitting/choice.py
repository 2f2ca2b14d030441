"""Frozen features or a trained stage one: which run a fit recommends."""

from collections.abc import Sequence

import numpy as np

from decouple.datasets.data import VAL
from decouple.files.run_dir import RunDir
from decouple.seeding import make_rng
from stage2.recommendation import (
    HeldOutPredictions,
    balanced_interval,
    predict_held_out,
    recommended_classifier,
)

POSTERIOR_DRAWS = 4000
PRIOR_IMAGES = 1 / 3  # of each of the three outcomes, in each class
DRAWS_CHUNK = 2**20  # numbers drawn together


def choose_run(runs: Sequence[RunDir]) -> tuple[RunDir, str]:
    """Return the run whose recommended classifier is better on validation, and why in one sentence.

    The runs are in order of simplicity: a later one replaces an earlier one only if it is surely better on the same
    validation images, see `is_surely_better`. Out-of-fold logits of frozen
    features cover training images too; only their validation images are compared.

    Args:
        runs: finished runs on the same images, with a recommendation each; 1 or more.
    """
    chosen, reason = runs[0], "it is the only run"
    for run in runs[1:]:
        earlier, later = (_on_validation(candidate) for candidate in (chosen, run))
        if earlier is None or later is None or not np.array_equal(earlier.labels, later.labels):
            reason = f"{chosen.name} is simpler, and there are no validation images to compare it with {run.name}"
        elif is_surely_better(later, earlier):
            reason = f"{_in_words(run, later)} is better than {_in_words(chosen, earlier)} on validation"
            chosen = run
        else:
            reason = (
                f"{_in_words(run, later)} is not better than {_in_words(chosen, earlier)} beyond doubt on "
                f"{len(later.labels):,} validation images, and {chosen.name} is simpler"
            )
    return chosen, reason


def is_surely_better(better: HeldOutPredictions, other: HeldOutPredictions) -> bool:
    """Return whether the 95 % interval of the difference in balanced accuracy, better - other, lies above 0.

    The images of a class that only the better, only the other, and neither or both predict correctly have shares with
    a Dirichlet posterior, whose prior counts 1/3 image each. A bootstrap has no spread in a class of one image, so that
    a single image of each rare class would decide; here such a class is as uncertain as it is.

    Example:
        Better by one image in each of 4 classes of one image: a bootstrap would say +100 points, for certain.

        >>> labels = np.arange(8) // 2 % 4
        >>> right, wrong = np.ones(8, bool), np.zeros(8, bool)
        >>> few = [HeldOutPredictions(correct[:2], np.array([0, 1]), "") for correct in (right, wrong)]
        >>> many = [HeldOutPredictions(correct, labels, "") for correct in (right, wrong)]
        >>> is_surely_better(*few), is_surely_better(*many)
        (False, True)
    """
    classes = np.unique(better.labels, return_inverse=True)[1]
    outcomes = np.where(better.correct == other.correct, 2, np.where(better.correct, 0, 1))
    counts = np.zeros((int(classes.max()) + 1, 3))
    np.add.at(counts, (classes, outcomes), 1)
    rng = make_rng(0, "recommendation")
    rows = max(1, DRAWS_CHUNK // counts.size)
    differences = []
    for start in range(0, POSTERIOR_DRAWS, rows):
        draws = rng.standard_gamma(counts + PRIOR_IMAGES, (min(rows, POSTERIOR_DRAWS - start), *counts.shape))
        shares = draws / draws.sum(axis=2, keepdims=True)
        differences.append((shares[..., 0] - shares[..., 1]).mean(axis=1))
    return bool(np.quantile(np.concatenate(differences), 0.025) > 0)


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
