"""How likely each class is to be drawn: the formulas, and nothing else. Inside a class images are equally likely."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from decouple.config.table_options import Options, OptionValue, check_options, options_of, unknown_option
from decouple.errors import ConfigError, DataError
from decouple.lookup import look_up

DEFERRED = "deferred"

Floats = NDArray[np.float64]


def class_probabilities(name: str, class_counts: ArrayLike, progress: float = 0.0, **options: OptionValue) -> Floats:
    """Return the probability that one draw comes from each class, shape (C,) float64, sum 1.

    Each function of `FORMULAS` says its own, with n_j images in class j, n in all, n_max and n_min the most and the
    fewest of a class, and x the progress; "~" means up to the factor that makes the sum 1.

    Args:
        name: a key of `FORMULAS`.
        class_counts: images per class, shape (C,), each at least 1 ("instance" accepts 0, and never draws it).
        progress: share of the epochs that are done, in [0, 1].
        options: the keyword-only parameters of the formula; those of "deferred" may be joined by those of its `then`.
    Raises:
        ConfigError: no such name or option, or a value of another type or out of its range.
        DataError: class_counts is not one-dimensional, or a class has no image.
    """
    settings = complete_options(name, options)
    if not 0 <= progress <= 1:
        raise ConfigError(f"progress must be in 0..1, got {progress}")
    counts = np.asarray(class_counts, dtype=np.float64)
    if counts.ndim != 1 or not counts.sum() > 0:
        raise DataError(f"class_counts must have shape (C,) and hold an image, got shape {counts.shape}")
    if counts.min() < 0:
        raise DataError(f"class_counts must be 0 or more, got {counts.min():g} for class {counts.argmin()}")
    empty = np.flatnonzero(counts < 1).tolist()
    if empty and name != "instance":
        raise DataError(f"no image to draw for classes {empty} of {len(counts)}; drop those classes or use 'instance'")
    weights = FORMULAS[name](counts, progress, **settings)
    probabilities: Floats = weights / weights.sum()
    return probabilities


def complete_options(name: str, options: Options) -> dict[str, OptionValue]:
    """Return all options of the sampler `name`: those given, checked, and the defaults of its own others.

    Raises:
        ConfigError: no such name or option, or a value of another type.
    """
    formula = look_up(FORMULAS, name, "sampler")
    own = options_of(formula)
    if name != DEFERRED:
        given = check_options(formula, name, "sampler", options)
    else:
        followers = {key: follower for key, follower in FORMULAS.items() if key != DEFERRED}
        then = str(options.get("then", own["then"].default))
        passed = options_of(look_up(followers, then, "sampler for option 'then':"))
        for option in options:
            if option not in own | passed:
                raise unknown_option(option, f"{DEFERRED}' with then '{then}", "sampler", own | passed)
        given = check_options(formula, name, "sampler", {key: options[key] for key in options if key in own})
        given |= check_options(
            followers[then], then, "sampler", {key: options[key] for key in options if key in passed}
        )
    return {key: parameter.default for key, parameter in own.items()} | given


def sampler_at(progress: float, name: str, options: Options) -> str:
    """Return the sampler that draws at this progress: `name`, except for "deferred"; `options` are complete."""
    if name != DEFERRED:
        return name
    return "instance" if progress < float(str(options["start"])) else str(options["then"])


def _instance(counts: Floats, _progress: float) -> Floats:
    """``n_j / n``: every image once per epoch, in random order, without replacement.

    Source: plain training.
    Use: stage one; the features that Kang et al., ICLR 2020, found best.
    """
    shares: Floats = counts / counts.sum()
    return shares


def _class(counts: Floats, _progress: float, *, replacement: bool = True) -> Floats:
    """``1 / C``; with replacement False classes and their images take turns, so class counts differ by at most 1.

    Source: Kang et al., ICLR 2020, arXiv:1910.09217, eq. 1 with q = 0; without replacement, Shen et al., ECCV 2016.
    Use: stage two, for crt and lws; replacement False where the classes shall come equally often to the draw.

    Args:
        replacement: whether images, and classes, are drawn with replacement.
    """
    return np.full(len(counts), 1 / len(counts))


def _sqrt(counts: Floats, _progress: float) -> Floats:
    """``~ n_j^0.5``: between instance and class.

    Source: Kang et al., ICLR 2020, arXiv:1910.09217, section 3; Mahajan et al., ECCV 2018.
    Use: stage one, where the tail shall come more often and hardly repeat.
    """
    return np.sqrt(counts)


def _power(counts: Floats, _progress: float, *, q: float = 0.5) -> Floats:
    """``~ n_j^q``: q 1 is instance, q 0 is class, q -1 is reversed.

    Source: Kang et al., ICLR 2020, arXiv:1910.09217, eq. 1.
    Use: any point between the others, q tuned on the validation split.

    Args:
        q: exponent on the counts.
    """
    largest = counts.max() if q > 0 else counts.min()
    with np.errstate(over="ignore"):  # n^q itself overflows for large q; here that is a share of 0
        weights: Floats = np.exp(q * np.log(counts / largest))
    return weights


def _progressive(counts: Floats, progress: float) -> Floats:
    """``(1 - x) * n_j / n + x / C``: from instance to class over the epochs.

    Source: Kang et al., ICLR 2020, arXiv:1910.09217, eq. 2.
    Use: training in one stage, where no second one follows.
    """
    return (1 - progress) * _instance(counts, progress) + progress * _class(counts, progress)


def _reversed(counts: Floats, _progress: float) -> Floats:
    """``~ 1 / n_j``: the tail is drawn more often than the head.

    Source: Zhou et al., CVPR 2020 (BBN), arXiv:1912.02413, section 4.
    Use: stage two, against a head that is still preferred after class.
    """
    return 1 / counts


def _effective(counts: Floats, _progress: float, *, beta: float = 0.9999) -> Floats:
    """``~ n_j * (1 - beta) / (1 - beta^n_j)``: an image weighs as its class's effective number says.

    Source: Cui et al., CVPR 2019, arXiv:1901.05555, section 4.
    Use: a mild re-balancing; beta 0 is instance, beta 1 is class.

    Args:
        beta: in [0, 1].
    """
    if not 0 <= beta <= 1:
        raise ConfigError(f"beta must be in 0..1, got {beta}; 0.9999 is a usual value")
    return counts * _image_weights(counts, np.full(len(counts), beta))


def _cben(counts: Floats, _progress: float, *, a: float = 0.999, b: float = 0.0009) -> Floats:
    """As effective with ``beta_j = a + b * d_j / max_k d_k``, ``d_j = ln n_max - ln n_j``; balanced, beta_j is a.

    Source: Li et al., CVPR 2022 (GCL), class-based effective number.
    Use: stage two of GCL.

    Args:
        a: beta of the largest class, 0 or more.
        b: 0 or more, at most 1 - a; a + b is the beta of the smallest class.
    """
    if not (a >= 0 and b >= 0 and a + b <= 1):
        raise ConfigError(
            f"a and b must be 0 or more and sum to at most 1, got {a} and {b}; 0.999 and 0.0009 are usual"
        )
    rarity = np.log(counts.max()) - np.log(counts)
    relative = rarity / rarity.max() if rarity.max() > 0 else rarity
    return counts * _image_weights(counts, np.minimum(a + b * relative, 1.0))


def _deferred(
    counts: Floats, progress: float, *, start: float = 0.8, then: str = "class", **options: OptionValue
) -> Floats:
    """Instance while ``x < start``, afterwards the sampler `then`, which takes its own options, too.

    Source: Cao et al., NeurIPS 2019, arXiv:1906.07413 (deferred re-sampling, DRS).
    Use: training in one stage: features first, re-balancing in the last epochs.

    Args:
        start: share of the epochs after which `then` begins, in [0, 1].
        then: any other sampler.
    """
    if not 0 <= start <= 1:
        raise ConfigError(f"start is a share of the epochs, in 0..1, and not an epoch, got {start}; 0.8 is usual")
    later = FORMULAS[then](counts, progress, **options)  # before start too: a wrong option shows at once
    return _instance(counts, progress) if progress < start else later


def _oversample(counts: Floats, _progress: float) -> Floats:
    """``1 / C`` in an epoch of ``C * n_max`` draws: every image at least floor(n_max / n_j) times, at most one more.

    Source: Buda et al., Neural Networks 2018, arXiv:1710.05381 (random oversampling), with images in turn.
    Use: a class balance that leaves out no image; the epoch is n_max * C / n times as long.
    """
    return _class(counts, _progress)


def _undersample(counts: Floats, _progress: float) -> Floats:
    """``1 / C`` in an epoch of ``C * n_min`` draws: no image twice, other images of the head each epoch.

    Source: Buda et al., Neural Networks 2018, arXiv:1710.05381 (random undersampling).
    Use: a class balance without repeated images, where the smallest class is not tiny.
    """
    return _class(counts, _progress)


def _image_weights(counts: Floats, beta: Floats) -> Floats:
    """Return ``(1 - beta) / (1 - beta^n)`` per class, all digits right; 1 where beta is 0 and 1 / n where it is 1."""
    with np.errstate(divide="ignore", invalid="ignore"):  # ln 0 = -inf gives 1, as it should; 0 / 0 is replaced
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
}
