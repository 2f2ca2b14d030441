"""The probability that each class is drawn, by the name of a sampler. Within a class, images are equally likely."""

import numpy as np
from numpy.typing import ArrayLike
from torch import Tensor

from decouple.checks import require_number
from decouple.config.table_options import Options, OptionValue, check_options, named_options, options_of, unknown_option
from decouple.errors import DataError
from decouple.lookup import look_up
from samplers.formulas import DEFERRED, FORMULAS, Floats


def class_probabilities(
    name: str, class_counts: Tensor | ArrayLike, progress: float = 0.0, **options: OptionValue
) -> Floats:
    """Return the probability that one draw comes from each class, shape (C,) float64, sum 1.

    The docstring of each function in `FORMULAS` has its formula: n_j are the images of class j, n those of all classes,
    n_max and n_min those of the largest and the smallest class, x is the progress; "~" is proportionality.

    Args:
        name: a key of `FORMULAS`.
        class_counts: images per class, shape (C,), each at least 1 ("instance" accepts 0, and never draws that class).
        progress: finished share of the epochs, in [0, 1].
        options: the keyword-only parameters of the formula; "deferred" also takes those of its `then`.

    Raises:
        ConfigError: no such name or option, or a value of another type or out of its range.
        DataError: class_counts does not have shape (C,), is not a number of images, or a class has no image.

    Example:
        >>> class_probabilities("sqrt", [9, 1])
        array([0.75, 0.25])
        >>> class_probabilities("deferred", [9, 1], progress=0.9, start=0.8, then="class")
        array([0.5, 0.5])
    """
    settings = complete_options(name, options)
    require_number("progress", progress, at_least=0, at_most=1)
    counts = _as_counts(class_counts)
    empty = np.flatnonzero(counts < 1).tolist()
    if empty and name != "instance":
        raise DataError(f"no image to draw for classes {empty} of {len(counts)}; drop those classes or use 'instance'")
    with named_options("sampler", name):
        weights = FORMULAS[name](counts, progress, **settings)
    probabilities: Floats = weights / weights.sum()
    return probabilities


def _as_counts(class_counts: Tensor | ArrayLike) -> Floats:
    """Return images per class, (C,), after checking them; classes may be empty, but not all of them."""
    try:
        plain = class_counts.cpu().numpy() if isinstance(class_counts, Tensor) else class_counts
        counts = np.asarray(plain, dtype=np.float64)
    except (TypeError, ValueError):
        raise DataError(f"class_counts must be numbers of images, got {class_counts!r}") from None
    if counts.ndim != 1 or not len(counts):
        raise DataError(f"class_counts must have shape (C,) with C at least 1, got {counts.shape}")
    invalid = np.flatnonzero(~(np.isfinite(counts) & (counts >= 0) & (counts == np.floor(counts))))
    if len(invalid):
        raise DataError(
            f"class_counts must be whole numbers, 0 or more, got {counts[invalid[0]]:g} for class {invalid[0]}"
        )
    if not counts.any():
        raise DataError(f"class_counts must have an image in a class, got 0 for all {len(counts)}")
    return counts


def complete_options(name: str, options: Options) -> dict[str, OptionValue]:
    """Return all options of the sampler `name`: `options` after a check of their types, and the defaults of the others.

    Raises:
        ConfigError: no such name or option, or a value of another type.
    """
    formula = look_up(FORMULAS, name, "sampler")
    own = options_of(formula)
    if name != DEFERRED:
        checked = check_options(formula, name, "sampler", options)
    else:
        followers = {key: follower for key, follower in FORMULAS.items() if key != DEFERRED}
        then = str(options.get("then", own["then"].default))
        passed = options_of(look_up(followers, then, "sampler for option 'then':"))
        for option in options:
            if option not in own | passed:
                raise unknown_option(option, f"{DEFERRED}' with then '{then}", "sampler", own | passed)
        checked = check_options(formula, name, "sampler", {key: options[key] for key in options if key in own})
        checked |= check_options(
            followers[then], then, "sampler", {key: options[key] for key in options if key in passed}
        )
    return {key: parameter.default for key, parameter in own.items()} | checked


def sampler_at(progress: float, name: str, options: Options) -> str:
    """Return the sampler in effect at this progress: `name`, except for "deferred"; `options` are complete."""
    if name != DEFERRED:
        return name
    return "instance" if progress < float(str(options["start"])) else str(options["then"])
