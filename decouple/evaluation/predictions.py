"""One pass over the scores of a split: per image, what every metric needs, never a second (N, C) array."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from decouple.errors import DataError

_SCORES_AT_ONCE = 1 << 20  # in float64 8 MB: a few temporaries of a chunk stay near the cache, whatever N and C are
_LARGEST_SCORE = 1e100  # past it, differences and sums of logits could overflow


class Predictions(NamedTuple):
    """What a classifier says of N images; of equal scores the lower class index comes first, everywhere.

    Attributes:
        predicted: class with the highest score, (N,) int64.
        label_rank: classes placed before the true one, (N,) int64: 0 is right, below 5 is right within the top 5.
        top_logit: score of `predicted`, (N,) float64.
        log_sum: ``ln sum_j exp(scores[i, j] - top_logit[i])``, (N,) float64; scores minus both are log-probabilities,
            and ``exp(-log_sum)`` is the probability of `predicted`.
        nll: negative log-probability of the true class in nats, (N,) float64.
    """

    predicted: NDArray[np.int64]
    label_rank: NDArray[np.int64]
    top_logit: NDArray[np.float64]
    log_sum: NDArray[np.float64]
    nll: NDArray[np.float64]


def read_predictions(scores: NDArray[np.floating], labels: NDArray[np.int64]) -> Predictions:
    """Return the predictions in scores (N, C), logits of any float width, for labels (N,); computed in float64.

    Raises:
        DataError: a score is not finite.
    """
    rows = max(1, _SCORES_AT_ONCE // scores.shape[1])
    parts = [_read_rows(scores, labels, slice(start, start + rows)) for start in range(0, len(scores), rows)]
    return Predictions(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def _read_rows(scores: NDArray[np.floating], labels: NDArray[np.int64], rows: slice) -> Predictions:
    logits, own = np.asarray(scores[rows], dtype=np.float64), labels[rows]
    _require_finite(logits, rows.start)
    each = np.arange(len(own))
    label_logit = logits[each, own][:, None]
    equal_before = (logits == label_logit) & (np.arange(logits.shape[1]) < own[:, None])
    predicted = logits.argmax(axis=1)
    top = logits[each, predicted]
    log_sum = np.log(np.exp(logits - top[:, None]).sum(axis=1))
    return Predictions(
        predicted=predicted,
        label_rank=np.count_nonzero(logits > label_logit, axis=1) + np.count_nonzero(equal_before, axis=1),
        top_logit=top,
        log_sum=log_sum,
        nll=top - label_logit[:, 0] + log_sum,
    )


def _require_finite(logits: NDArray[np.float64], first_row: int) -> None:
    usable = (np.abs(logits) <= _LARGEST_SCORE).all(axis=1)  # False for NaN and infinity too
    if not usable.all():
        raise DataError(f"the scores of image {first_row + int(usable.argmin())} are not finite; did training diverge?")
