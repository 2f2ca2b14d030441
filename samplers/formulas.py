"""The formulas of the samplers: how likely each class is, up to a common factor."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from decouple.checks import require_number, require_whole
from decouple.config.table_options import OptionValue
from decouple.errors import ConfigError

DEFERRED = "deferred"

Floats = NDArray[np.float64]


def _instance(counts: Floats, _progress: float) -> Floats:
    """``n_j / n``: every image once per epoch, in random order, without replacement.

    Source: plain training.
    Use: stage one; it gave the best features in Kang et al., ICLR 2020.

    Example:
        >>> from samplers.probabilities import class_probabilities
        >>> class_probabilities("instance", [3, 1])
        array([0.75, 0.25])
    """
    shares: Floats = counts / counts.sum()
    return shares


def _class(counts: Floats, _progress: float, *, replacement: bool = True) -> Floats:
    """``1 / C``; without replacement, classes and their images take turns, so that draws per class differ by at most 1.

    Source: Kang et al., ICLR 2020, arXiv:1910.09217, eq. 1 with q = 0; without replacement, Shen et al., ECCV 2016.
    Use: stage two, for crt and lws; without replacement where all classes must come equally often.

    Args:
        replacement: whether images, and classes, are drawn with replacement.

    Example:
        >>> from samplers.probabilities import class_probabilities
        >>> class_probabilities("class", [3, 1])
        array([0.5, 0.5])
    """
    return np.full(len(counts), 1 / len(counts))


def _sqrt(counts: Floats, _progress: float) -> Floats:
    """``~ n_j^0.5``: between instance and class.

    Source: Kang et al., ICLR 2020, arXiv:1910.09217, section 3; Mahajan et al., ECCV 2018.
    Use: stage one, for a tail that comes more often but rarely repeats.

    Example:
        >>> from samplers.probabilities import class_probabilities
        >>> class_probabilities("sqrt", [9, 1])
        array([0.75, 0.25])
    """
    return np.sqrt(counts)


def _power(counts: Floats, _progress: float, *, q: float = 0.5) -> Floats:
    """``~ n_j^q``: q 1 is instance, q 0 is class, q -1 is reversed.

    Source: Kang et al., ICLR 2020, arXiv:1910.09217, eq. 1.
    Use: any point between the others, q tuned on the validation split.

    Args:
        q: exponent on the counts.

    Example:
        >>> from samplers.probabilities import class_probabilities
        >>> class_probabilities("power", [3, 1], q=2)
        array([0.9, 0.1])
    """
    require_number("q", q, usual="0 to 1 is usual")
    largest = counts.max() if q > 0 else counts.min()
    with np.errstate(over="ignore"):  # n^q itself overflows for large q; here the probability becomes 0
        weights: Floats = np.exp(q * np.log(counts / largest))
    return weights


def _progressive(counts: Floats, progress: float) -> Floats:
    """``(1 - x) * n_j / n + x / C``: from instance to class over the epochs.

    Source: Kang et al., ICLR 2020, arXiv:1910.09217, eq. 2.
    Use: training in one stage, without a second one.

    Example:
        >>> from samplers.probabilities import class_probabilities
        >>> class_probabilities("progressive", [3, 1], progress=0.5)
        array([0.625, 0.375])
    """
    return (1 - progress) * _instance(counts, progress) + progress * _class(counts, progress)


def _reversed(counts: Floats, _progress: float) -> Floats:
    """``~ 1 / n_j``: the tail is drawn more often than the head.

    Source: Zhou et al., CVPR 2020 (BBN), arXiv:1912.02413, section 4.
    Use: stage two, where predictions still prefer the head after "class".

    Example:
        >>> from samplers.probabilities import class_probabilities
        >>> class_probabilities("reversed", [3, 1])
        array([0.25, 0.75])
    """
    return 1 / counts


def _effective(counts: Floats, _progress: float, *, beta: float = 0.9999) -> Floats:
    """``~ n_j * (1 - beta) / (1 - beta^n_j)``: an image is weighted by the inverse effective number of its class.

    Source: Cui et al., CVPR 2019, arXiv:1901.05555, section 4.
    Use: a mild re-balancing; beta 0 is instance, beta 1 is class.

    Args:
        beta: in [0, 1].

    Example:
        Images weigh (1/2) / (1 - 1/8) = 4/7 and 1, so classes weigh 12/7 and 1.

        >>> from samplers.probabilities import class_probabilities
        >>> class_probabilities("effective", [3, 1], beta=0.5).round(4)
        array([0.6316, 0.3684])
    """
    require_number("beta", beta, at_least=0, at_most=1, usual="0.9999 is usual")
    return counts * _image_weights(counts, np.full(len(counts), beta))


def _cben(counts: Floats, _progress: float, *, a: float = 0.999, b: float = 0.0009) -> Floats:
    """As effective with ``beta_j = a + b * d_j / max_k d_k``, ``d_j = ln n_max - ln n_j``; balanced, beta_j is a.

    The defaults are those of the text; the public code has 0.9999 for a and 1e-5 for b.

    Source: Li et al., CVPR 2022 (GCL), class-based effective number.
    Use: stage two of GCL.

    Args:
        a: beta of the largest class, 0 or more.
        b: 0 or more, at most 1 - a; a + b is the beta of the smallest class.

    Example:
        >>> from samplers.probabilities import class_probabilities
        >>> class_probabilities("cben", [3, 1], a=0.5, b=0.25).round(4)
        array([0.6316, 0.3684])
    """
    require_number("a", a, at_least=0, at_most=1, usual="0.999 is usual")
    require_number("b", b, at_least=0, usual="0.0009 is usual")
    if a + b > 1:
        raise ConfigError(f"a and b must sum to at most 1, got {a} and {b}; 0.999 and 0.0009 are usual")
    rarity = np.log(counts.max()) - np.log(counts)
    relative = rarity / rarity.max() if rarity.max() > 0 else rarity
    return counts * _image_weights(counts, np.minimum(a + b * relative, 1.0))


def _deferred(
    counts: Floats, progress: float, *, start: float = 0.8, then: str = "class", **options: OptionValue
) -> Floats:
    """Instance while ``x < start``, then the sampler `then`, whose options are given as well.

    Source: Cao et al., NeurIPS 2019, arXiv:1906.07413 (deferred re-sampling, DRS).
    Use: training in one stage: features first, re-balancing in the last epochs.

    Args:
        start: share of the epochs after which `then` begins, in [0, 1].
        then: any other sampler.

    Example:
        >>> from samplers.probabilities import class_probabilities
        >>> class_probabilities("deferred", [3, 1], progress=0.5, start=0.8, then="class")
        array([0.75, 0.25])
        >>> class_probabilities("deferred", [3, 1], progress=0.8, start=0.8, then="class")
        array([0.5, 0.5])
    """
    require_number("start", start, at_least=0, at_most=1, usual="it is a share of the epochs; 0.8 is usual")
    later = FORMULAS[then](counts, progress, **options)  # before `start` too, so that a wrong option is refused at once
    return _instance(counts, progress) if progress < start else later


def _oversample(counts: Floats, _progress: float) -> Floats:
    """``1 / C`` in an epoch of ``C * n_max`` draws: every image at least floor(n_max / n_j) times, at most one more.

    Source: Buda et al., Neural Networks 2018, arXiv:1710.05381 (random oversampling), with images in turn.
    Use: a class balance that leaves out no image; the epoch is n_max * C / n times as long.

    Example:
        >>> from samplers import SAMPLERS
        >>> sampler = SAMPLERS["oversample"]([0, 0, 0, 1])
        >>> sorted(sampler)  # each image of class 0 once, that of class 1 three times
        [0, 1, 2, 3, 3, 3]
    """
    return _class(counts, _progress)


def _undersample(counts: Floats, _progress: float) -> Floats:
    """``1 / C`` in an epoch of ``C * n_min`` draws: no image twice; each epoch draws other images of the head.

    Source: Buda et al., Neural Networks 2018, arXiv:1710.05381 (random undersampling).
    Use: a class balance without repeated images, where the smallest class is not tiny.

    Example:
        >>> from samplers import SAMPLERS
        >>> sampler = SAMPLERS["undersample"]([0, 0, 0, 1])
        >>> len(sampler), 3 in list(sampler)  # one image of class 0, and that of class 1
        (2, True)
    """
    return _class(counts, _progress)


def _hybrid(counts: Floats, _progress: float, *, target: int = 0) -> Floats:
    """``1 / C`` in an epoch of ``C * target`` draws: large classes are undersampled, small ones oversampled.

    Every class comes exactly `target` times: of a class with more images none comes twice, of one with fewer each comes
    floor or ceil(target / n_j) times. target n_min is undersample, n_max oversample.

    Source: over- and undersampling (Buda et al., Neural Networks 2018, arXiv:1710.05381) in one epoch.
    Use: a class balance that repeats the tail less than oversample and shows more of the head than undersample.

    Args:
        target: images of each class in an epoch; 0 is ``sqrt(n_max n_min)``, rounded: the smallest class is then
            multiplied by what the largest is divided by.

    Example:
        >>> from samplers import SAMPLERS
        >>> sampler = SAMPLERS["hybrid"]([0, 0, 0, 0, 1])  # target 2: two of the four images of class 0
        >>> len(sampler), list(sampler).count(4)
        (4, 2)
    """
    require_whole("target", target, at_least=0)
    return _class(counts, _progress)


def hybrid_target(counts: NDArray[np.int64], target: int) -> int:
    """Return the draws of each class in an epoch of "hybrid": target, or what 0 stands for."""
    return target or round(float(np.sqrt(counts.max() * float(counts.min()))))


def _image_weights(counts: Floats, beta: Floats) -> Floats:
    """Return ``(1 - beta) / (1 - beta^n)`` per class, to all digits; 1 where beta is 0 and 1 / n where it is 1."""
    with np.errstate(divide="ignore", invalid="ignore"):  # log 0 = -inf gives the right value, 1; 0 / 0 is replaced
        weights = (1 - beta) / -np.expm1(counts * np.log(beta))
    return np.where(beta < 1, weights, 1 / counts)


FORMULAS: dict[str, Callable[..., Floats]] = {
    "instance": _instance,
    "class": _class,
    "sqrt": _sqrt,
    "power": _power,
    "progressive": _progressive,
    "reversed": _reversed,
    "effective": _effective,
    "cben": _cben,
    "deferred": _deferred,
    "oversample": _oversample,
    "undersample": _undersample,
    "hybrid": _hybrid,
}
