"""Bundled images that stand in for the data of a sweep's file in a smoke run."""

from collections.abc import Mapping, Sequence
from typing import Any

_DIGIT_DATA = ("digits", "cifar10")  # data sets with ten classes
_DIGIT_CLASSES = 10
_MAX_CLASSES = 100
_GLYPH_SIDE = 8  # pixels
_SHARES = {"digits": 0.2, "glyphs": 0.01}  # of the images of a class: 20 and 5 for training
_LARGEST = {"digits": 20, "glyphs": 5}  # training images of a class, and so the largest imbalance
_CUT = ("profile", "class_order", "subset_seed", "longtailed_test", "label_noise")  # options that are taken over


def stand_in(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings of bundled images for those of a data set: a few of them, cut to the same profile.

    Ten digits stand in for ten classes, and drawn characters for more, 100 at most.

    Example:
        >>> stand_in({"data": "cifar10", "root": "data", "profile": "step", "ratio": 100.0})
        {'data': 'digits', 'fraction': 0.2, 'profile': 'step', 'ratio': 10.0}
        >>> stand_in({"data": "cifar10", "classes_only": ("cat", "dog"), "counts": (5000, 500)})
        {'data': 'digits', 'fraction': 0.2, 'classes_only': ('0', '1'), 'counts': (20, 2)}
    """
    name = "digits" if options.get("data", "digits") in _DIGIT_DATA else "glyphs"
    images = {"data": name, "fraction": _SHARES[name]}
    if name == "glyphs":
        images |= {"classes": min(int(options.get("classes", _MAX_CLASSES)), _MAX_CLASSES), "image_size": _GLYPH_SIDE}
    images |= {key: options[key] for key in _CUT if key in options}
    limit = min(10.0, _LARGEST[name])
    if options.get("classes_only") and name == "digits":
        images["classes_only"] = tuple(str(number) for number in range(len(options["classes_only"])))
    if options.get("counts"):
        images["counts"] = _scaled(options["counts"], _LARGEST[name])
    elif options.get("ratio") is not None or options.get("profile", "auto") == "auto":
        images["ratio"] = min(options.get("ratio") or limit, limit)
    if options.get("test_ratio") is not None:
        images["test_ratio"] = min(options["test_ratio"], limit)
    return images


def _scaled(counts: Sequence[int], largest: int) -> tuple[int, ...]:
    """Return the counts of classes with `largest` images in the largest one, and at least one in each."""
    return tuple(max(1, largest * count // max(counts)) for count in counts)
