"""Log-probabilities of logits in float64, chunk by chunk, and the checks that logits and log-probabilities share."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from decouple.checks import require_number, require_shape
from decouple.errors import DataError
from decouple.evaluation.arrays import FLOATING, INTEGER, Array, as_array, require_range
from decouple.evaluation.predictions import MAX_SCORE, SCORES_CHUNK

MIN_TEMPERATURE, MAX_TEMPERATURE = 1e-3, 1e6  # keep logits / T finite, and both far from any useful value


def log_probabilities(logits: Array, temperature: float | NDArray[np.float64] = 1.0) -> NDArray[np.float64]:
    """Return ``logits / T - ln sum_j exp(logits_j / T)``, shape (N, C); extreme logits stay finite.

    Args:
        logits: shape (N, C), floats.
        temperature: T, one for all images or one for each, shape (N,).

    Raises:
        DataError: logits are not (N, C) finite floats, or the temperatures do not have shape (N,).
        ConfigError: a temperature is not between 0.001 and 1e6.

    Example:
        >>> np.exp(log_probabilities(np.array([[0.0, 0.0], [1e4, 0.0]]), 2.0))
        array([[0.5, 0.5],
               [1. , 0. ]])
    """
    logits = as_logits(logits)
    temperatures = np.asarray(temperature, dtype=np.float64)
    if temperatures.ndim:
        require_shape("temperature", temperatures, (len(logits),))
    for bound in (temperatures.min(initial=1.0), temperatures.max(initial=1.0)):  # NaN is either
        require_number("temperature", float(bound), at_least=MIN_TEMPERATURE, at_most=MAX_TEMPERATURE)
    log_probs = np.empty(logits.shape)
    temperatures = np.broadcast_to(temperatures, len(logits))
    for rows in row_chunks(*logits.shape):
        chunk = np.subtract(logits[rows], logits[rows].max(axis=1, keepdims=True), dtype=np.float64)
        chunk /= temperatures[rows, None]
        log_probs[rows] = chunk - np.log(np.exp(chunk).sum(axis=1, keepdims=True))
    return log_probs


def row_chunks(num_rows: int, num_columns: int) -> Iterator[slice]:
    """Yield consecutive slices of rows; the rows of one slice take 8 MB in float64 (or are one row).

    Example:
        >>> [(rows.start, rows.stop) for rows in row_chunks(5, 500_000)]
        [(0, 2), (2, 4), (4, 5)]
    """
    step = max(1, SCORES_CHUNK // max(1, num_columns))
    for start in range(0, num_rows, step):
        yield slice(start, min(start + step, num_rows))


def as_logits(logits: Array) -> NDArray[np.floating]:
    """Return logits as an array (N, C) of their own float type, C at least 1.

    Raises:
        DataError: they are not (N, C) floats, or not finite.
    """
    scores: NDArray[np.floating] = as_array("logits", logits, FLOATING)
    require_shape("logits", scores, ("N", "C"))
    _require_classes("logits", scores)
    for rows in row_chunks(*scores.shape):
        finite = (np.abs(scores[rows].astype(np.float64)) <= MAX_SCORE).all(axis=1)  # False for NaN and infinity too
        if not finite.all():
            raise DataError(f"`logits` of image {rows.start + int(finite.argmin())} are not finite")
    return scores


def as_log_probabilities(values: Array) -> NDArray[np.floating]:
    """Return log-probabilities as an array (N, C) of their own float type, C at least 1; -infinity is allowed.

    Raises:
        DataError: they are not (N, C) floats, or one is NaN or clearly above 0 (as logits can be).
    """
    log_probs: NDArray[np.floating] = as_array("log_probabilities", values, FLOATING)
    require_shape("log_probabilities", log_probs, ("N", "C"))
    _require_classes("log_probabilities", log_probs)
    for rows in row_chunks(*log_probs.shape):
        valid = (log_probs[rows] <= 1e-3).all(axis=1)  # rounding of 16 bits is allowed; False for NaN
        if not valid.all():
            image = rows.start + int(valid.argmin())
            raise DataError(f"`log_probabilities` must be 0 or less, got {log_probs[image].max():g} for image {image}")
    return log_probs


def as_labels(labels: Array, num_images: int, num_classes: int) -> NDArray[np.int64]:
    """Return labels (N,) as int64, N at least 1, each in 0..C-1.

    Raises:
        DataError: they have another shape or type, are out of range, or there is none.
    """
    values = as_array("labels", labels, INTEGER)
    require_shape("labels", values, (num_images,))
    if not num_images:
        raise DataError("`labels` is empty; at least one image is needed")
    require_range("labels", values, 0, num_classes - 1)
    return values.astype(np.int64, copy=False)


def _require_classes(name: str, scores: NDArray[np.floating]) -> None:
    if scores.shape[1] < 1:
        raise DataError(f"`{name}` must have 1 class or more, got shape {scores.shape}")
