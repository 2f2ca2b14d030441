"""How likely each class is to be drawn: the formulas, and nothing else. Inside a class images are equally likely."""

import inspect
from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from decouple.errors import ConfigError, DataError
from decouple.lookup import did_you_mean, look_up

Floats = NDArray[np.float64]


def class_probabilities(name: str, class_counts: ArrayLike, progress: float = 0.0, **options: float) -> Floats:
    """Return the probability that one draw comes from each class, shape (C,) float64, sum 1.

    With n_j images in class j, n in all, and x the progress; "~" means up to the factor that makes the sum 1:

    - "instance": ``n_j / n``. "class": ``1 / C``. "sqrt": ``~ n_j^0.5``. "power" (q 0.5): ``~ n_j^q``.
    - "progressive": ``(1 - x) * instance + x * class``. These five: Kang et al., ICLR 2020, arXiv:1910.09217.
    - "reversed": ``~ 1 / n_j``; Zhou et al., CVPR 2020, arXiv:1912.02413.
    - "effective" (beta 0.9999): each image weighs ``(1 - beta) / (1 - beta^n_j)``, so ``~ n_j`` times that. beta 0 is
      "instance", beta 1 is "class"; Cui et al., CVPR 2019, arXiv:1901.05555.
    - "cben" (a 0.999, b 0.0009): "effective" with ``beta_j = a + b * d_j / max_k d_k``, ``d_j = ln n_max - ln n_j``.
      On balanced counts beta_j is a.

    Args:
        name: one of the names above.
        class_counts: images per class, shape (C,), each at least 1 ("instance" accepts 0, and never draws it).
        progress: share of the epochs that are done, in [0, 1].
        options: those named in brackets above.
    Raises:
        ConfigError: no such name or option, or a value out of its range.
        DataError: class_counts is not one-dimensional, or a class has no image.
    """
    formula = look_up(FORMULAS, name, "sampler")
    _require_known(options, formula, name)
    if not 0 <= progress <= 1:
        raise ConfigError(f"progress must be in 0..1, got {progress}")
    counts = np.asarray(class_counts, dtype=np.float64)
    if counts.ndim != 1 or not counts.sum() > 0:
        raise DataError(f"class_counts must have shape (C,) and hold an image, got shape {counts.shape}")
    empty = np.flatnonzero(counts < 1).tolist()
    if empty and name != "instance":
        raise DataError(f"no image to draw for classes {empty} of {len(counts)}; drop those classes or use 'instance'")
    weights = formula(counts, progress, **options)
    probabilities: Floats = weights / weights.sum()
    return probabilities


def _require_known(options: Iterable[str], formula: Callable[..., Floats], name: str) -> None:
    parameters = inspect.signature(formula).parameters.values()
    known = [each.name for each in parameters if each.kind is inspect.Parameter.KEYWORD_ONLY]
    for option in options:
        if option not in known:
            listed = ", ".join(known) or "none"
            raise ConfigError(
                f"unknown option '{option}' of sampler '{name}'.{did_you_mean(option, known)} Known: {listed}."
            )


def _instance(counts: Floats, _progress: float) -> Floats:
    shares: Floats = counts / counts.sum()
    return shares


def _class(counts: Floats, _progress: float) -> Floats:
    return np.full(len(counts), 1 / len(counts))


def _sqrt(counts: Floats, _progress: float) -> Floats:
    return np.sqrt(counts)


def _power(counts: Floats, _progress: float, *, q: float = 0.5) -> Floats:
    if not np.isfinite(q):
        raise ConfigError(f"q must be a finite number, got {q}")
    exponent = q * np.log(counts)
    weights: Floats = np.exp(exponent - exponent.max())  # n^q itself overflows for large q
    return weights


def _progressive(counts: Floats, progress: float) -> Floats:
    return (1 - progress) * _instance(counts, progress) + progress * _class(counts, progress)


def _reversed(counts: Floats, _progress: float) -> Floats:
    return 1 / counts


def _effective(counts: Floats, _progress: float, *, beta: float = 0.9999) -> Floats:
    if not 0 <= beta <= 1:
        raise ConfigError(f"beta must be in 0..1, got {beta}; 0.9999 is a usual value")
    return counts * _image_weights(counts, np.full(len(counts), beta))


def _cben(counts: Floats, _progress: float, *, a: float = 0.999, b: float = 0.0009) -> Floats:
    if not (a >= 0 and b >= 0 and a + b <= 1):
        raise ConfigError(
            f"a and b must be 0 or more and sum to at most 1, got {a} and {b}; 0.999 and 0.0009 are usual"
        )
    rarity = np.log(counts.max()) - np.log(counts)
    relative = rarity / rarity.max() if rarity.max() > 0 else rarity
    return counts * _image_weights(counts, np.minimum(a + b * relative, 1.0))


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
}
