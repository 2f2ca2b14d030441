"""One pass over the scores of a split: per image, what every metric needs, without a second (N, C) array."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from decouple.errors import DataError

SCORES_CHUNK = 1 << 20  # 8 MB in float64: a few temporaries of a chunk stay near the cache, whatever N and C are
MAX_SCORE = 1e100  # beyond it, differences and sums of logits could overflow


class Predictions(NamedTuple):
    """Predictions of a classifier on N images; of equal scores the lower class index ranks first, everywhere.

    Attributes:
        predicted: class with the highest score, (N,) int64.
        label_rank: classes ranked before the true one, (N,) int64: 0 is correct, below 5 is correct within the top 5.
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

    Example:
        >>> predictions = read_predictions(np.array([[2.0, 1.0, 0.0], [0.0, 3.0, 1.0]]), np.array([0, 2]))
        >>> predictions.predicted, predictions.label_rank
        (array([0, 1]), array([0, 1]))
    """
    rows = max(1, SCORES_CHUNK // scores.shape[1])
    chunks = [_read_chunk(scores, labels, slice(start, start + rows)) for start in range(0, len(scores), rows)]
    return Predictions(*(np.concatenate(arrays) for arrays in zip(*chunks, strict=True)))


def _read_chunk(scores: NDArray[np.floating], labels: NDArray[np.int64], rows: slice) -> Predictions:
    logits, chunk_labels = np.asarray(scores[rows], dtype=np.float64), labels[rows]
    _require_finite(logits, rows.start)
    images = np.arange(len(chunk_labels))
    label_logit = logits[images, chunk_labels][:, None]
    equal_before = (logits == label_logit) & (np.arange(logits.shape[1]) < chunk_labels[:, None])
    predicted = logits.argmax(axis=1)
    top = logits[images, predicted]
    log_sum = np.log(np.exp(logits - top[:, None]).sum(axis=1))
    return Predictions(
        predicted=predicted,
        label_rank=np.count_nonzero(logits > label_logit, axis=1) + np.count_nonzero(equal_before, axis=1),
        top_logit=top,
        log_sum=log_sum,
        nll=top - label_logit[:, 0] + log_sum,
    )


def _require_finite(logits: NDArray[np.float64], first_row: int) -> None:
    usable = (np.abs(logits) <= MAX_SCORE).all(axis=1)  # False for NaN and infinity too
    if not usable.all():
        raise DataError(f"the scores of image {first_row + int(usable.argmin())} are not finite; did training diverge?")
