"""Class priors: what a classifier assumes, what holds where it is used, and the shift of probabilities between them."""

import math
from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from decouple.checks import require_choice, require_number, require_shape
from decouple.class_counts import as_counts
from decouple.errors import DataError
from decouple.evaluation.arrays import Array
from decouple.evaluation.log_probabilities import as_log_probabilities, row_chunks
from decouple.nearest_name import did_you_mean

PriorTrait = Literal["sampled", "uniform", "logit_adjusted"]
NO_SHIFT = -0.0  # x + -0.0 is x bit for bit for every x, while -0.0 + 0.0 is 0.0


def assumed_prior(trait: str, class_probabilities: ArrayLike, *, tau: float = 1.0) -> NDArray[np.float64]:
    """Return the class prior that the probabilities of a classifier assume, shape (C,), sum 1.

    - "sampled": plain cross-entropy under a sampler; the class probabilities of that sampler.
    - "uniform": a loss or method that corrects for the prior (balanced softmax, logit adjustment in training, VS, LDAM
      with deferred re-weighting, tau-normalisation, LWS, class means); ``1 / C``.
    - "logit_adjusted": logits of plain cross-entropy less ``tau * ln pi``; ``pi_j^(1 - tau) / sum_k pi_k^(1 - tau)``.

    Args:
        trait: one of the names above.
        class_probabilities: of the sampler, or training images per class for instance sampling, shape (C,), at least
            one above 0.
        tau: strength of the logit adjustment, used by "logit_adjusted" alone.

    Raises:
        ConfigError: no such trait, or tau is not between -10 and 10.
        DataError: class_probabilities are not (C,) numbers of 0 or more with one above 0; with "logit_adjusted", one
            is 0.

    Example:
        >>> assumed_prior("sampled", [90, 10]), assumed_prior("uniform", [90, 10])
        (array([0.9, 0.1]), array([0.5, 0.5]))
        >>> assumed_prior("logit_adjusted", [90, 10], tau=0.5)  # 3 : 1
        array([0.75, 0.25])
    """
    require_choice("trait", trait, get_args(PriorTrait))
    require_number("tau", tau, at_least=-10, at_most=10, usual="0 to 2 is usual")
    prior = as_prior("class_probabilities", class_probabilities)
    if trait == "uniform":
        return uniform_prior(len(prior))
    if trait == "logit_adjusted":
        _require_positive("class_probabilities", prior, None)
        prior = as_prior("class_probabilities", prior ** (1 - tau))
    return prior


def deployment_prior(prior: str | ArrayLike, class_counts: ArrayLike) -> NDArray[np.float64]:
    """Return the class prior where a classifier is used, shape (C,), sum 1.

    A prior that is not known is estimated by `decouple.evaluation.prior_estimation.estimate_prior`.

    Args:
        prior: "train" (the shares of the training images), "uniform", or shares or counts of the classes, shape (C,);
            a class with 0 is never predicted.
        class_counts: training images per class, shape (C,).

    Raises:
        ConfigError: no such name.
        DataError: the prior is not (C,) numbers of 0 or more with one above 0, or the counts are not.

    Example:
        >>> deployment_prior("train", [90, 10]), deployment_prior([1, 3], [90, 10])
        (array([0.9, 0.1]), array([0.25, 0.75]))
    """
    counts = as_counts(class_counts)
    if not isinstance(prior, str):
        return as_prior("prior", prior, len(counts))
    require_choice("prior", prior, ("train", "uniform"))
    return as_prior("class_counts", counts) if prior == "train" else uniform_prior(len(counts))


def prior_from_table(table: Mapping[str, float], class_names: Sequence[str]) -> NDArray[np.float64]:
    """Return the prior that a table of class name -> share or count gives, in the order of `class_names`, shape (C,).

    Raises:
        DataError: a class is missing or unknown, or a value is not a number of 0 or more.

    Example:
        >>> prior_from_table({"owl": 1, "wren": 3}, ["wren", "owl"])
        array([0.75, 0.25])
    """
    unknown = [name for name in table if name not in set(class_names)]
    if unknown:
        some = f" The classes are {', '.join(class_names[:5])}{', ...' if len(class_names) > 5 else ''}."
        advice = did_you_mean(unknown[0], class_names) or some
        raise DataError(f"the prior names '{unknown[0]}', which is no class.{advice}")
    missing = [name for name in class_names if name not in table]
    if missing:
        raise DataError(
            f"the prior has no value for {len(missing)} of {len(class_names)} classes, the first is '{missing[0]}'; "
            "0 means that the class does not occur"
        )
    return as_prior("prior", [table[name] for name in class_names])


def shift_prior(
    log_probabilities: Array, assumed: ArrayLike, deployment: ArrayLike, *, class_names: Sequence[str] | None = None
) -> NDArray[np.float64]:
    """Return the scores ``log p(y|x) + log q_y - log p0_y``, shape (N, C), float64.

    The scores are log-probabilities under the prior q up to a constant per image; softmax makes them probabilities.
    Where q equals p0 they are the input bit for bit. A class with q = 0 scores -infinity.

    Args:
        log_probabilities: calibrated, shape (N, C).
        assumed: p0, shares or counts, shape (C,), each above 0; see `assumed_prior`.
        deployment: q, shares or counts, shape (C,), at least one above 0; see `deployment_prior`.
        class_names: for messages, length C.

    Raises:
        DataError: shapes or values do not fit; p0 is 0 for a class; an image has probability 0 for every class that
            can occur.

    Example:
        >>> scores = shift_prior(np.log([[0.9, 0.1]]), assumed=[0.9, 0.1], deployment=[0.5, 0.5])
        >>> np.exp(scores) / np.exp(scores).sum()
        array([[0.5, 0.5]])
    """
    log_probs = as_log_probabilities(log_probabilities)
    offset = log_prior_ratio(assumed, deployment, log_probs.shape[1], class_names=class_names)
    shifted: NDArray[np.float64] = np.add(log_probs, offset, dtype=np.float64)
    for rows in row_chunks(*shifted.shape):
        possible = np.isfinite(shifted[rows]).any(axis=1)
        if not possible.all():
            image = rows.start + int(possible.argmin())
            raise DataError(f"image {image} has probability 0 for every class that the deployment prior allows")
    return shifted


def under_prior(
    log_probabilities: NDArray[np.float64],
    assumed: ArrayLike,
    deployment: ArrayLike,
    *,
    class_names: Sequence[str] | None = None,
) -> NDArray[np.float64]:
    """Return log-probabilities under the deployment prior, shape (N, C): the scores of `shift_prior`, normalised.

    Where the priors are equal they are the input bit for bit.

    Args:
        log_probabilities: as in `shift_prior`.
        assumed: as in `shift_prior`.
        deployment: as in `shift_prior`.
        class_names: as in `shift_prior`.

    Raises:
        DataError: as `shift_prior`.

    Example:
        >>> np.exp(under_prior(np.log([[0.9, 0.1]]), assumed=[0.9, 0.1], deployment=[0.5, 0.5]))
        array([[0.5, 0.5]])
    """
    scores = shift_prior(log_probabilities, assumed, deployment, class_names=class_names)
    if np.array_equal(scores, log_probabilities):
        return log_probabilities
    for rows in row_chunks(*scores.shape):
        chunk = scores[rows]
        chunk -= chunk.max(axis=1, keepdims=True)
        chunk -= np.log(np.exp(chunk).sum(axis=1, keepdims=True))
    return scores


def log_prior_ratio(
    assumed: ArrayLike, deployment: ArrayLike, num_classes: int, *, class_names: Sequence[str] | None = None
) -> NDArray[np.float64]:
    """Return ``log q - log p0``, shape (C,), see `shift_prior`: what an exported classifier adds to its logits.

    Raises:
        DataError: a prior is not (C,) numbers of 0 or more with one above 0, or p0 is 0 for a class.
    """
    p0, q = as_prior("assumed", assumed, num_classes), as_prior("deployment", deployment, num_classes)
    _require_positive("assumed", p0, class_names)
    with np.errstate(divide="ignore"):
        return np.where(q == p0, NO_SHIFT, np.log(q) - np.log(p0))


def uniform_prior(num_classes: int) -> NDArray[np.float64]:
    """Return ``1 / C`` for each of C classes."""
    return np.full(num_classes, 1 / num_classes)


def as_prior(name: str, values: ArrayLike, num_classes: int | None = None) -> NDArray[np.float64]:
    """Return shares or counts of the classes, divided by their sum, shape (C,); what sums to 1 already is not changed.

    Raises:
        DataError: they are not (C,) finite numbers of 0 or more with one above 0.

    Example:
        >>> as_prior("prior", [1, 3])
        array([0.25, 0.75])
    """
    to_cpu = getattr(values, "cpu", None)  # of a tensor, which NumPy cannot read on another device
    shares = np.asarray(values if to_cpu is None else to_cpu())
    require_shape(name, shares, ("C" if num_classes is None else num_classes,))
    if shares.dtype.kind not in "iuf":
        raise DataError(f"`{name}` must hold numbers, got {shares.dtype}")
    shares = shares.astype(np.float64)
    valid = np.isfinite(shares) & (shares >= 0)
    if not valid.all():
        label = int(valid.argmin())
        raise DataError(f"`{name}` must hold finite numbers of 0 or more, got {shares[label]:g} for class {label}")
    total = float(shares.sum())
    if total <= 0:
        raise DataError(f"`{name}` must be above 0 for at least one class")
    return shares if math.isclose(total, 1, rel_tol=1e-9) else shares / total


def _require_positive(name: str, prior: NDArray[np.float64], class_names: Sequence[str] | None) -> None:
    if prior.all():
        return
    label = int((prior > 0).argmin())
    title = f"class {label}" if class_names is None else f"class {label} ('{class_names[label]}')"
    raise DataError(
        f"`{name}` must be above 0 for every class, got 0 for {title}; "
        "a class that training never drew cannot be predicted"
    )
