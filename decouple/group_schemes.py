"""Schemes of class groups: by name, by sizes, or by bounds of the class counts; read from text and from YAML."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from decouple.errors import ConfigError
from decouple.lookup import look_up

MANY_THRESHOLD = 100  # images: a class with more is "many" shot
FEW_THRESHOLD = 20  # images: a class with fewer is "few" shot; Liu et al., CVPR 2019, arXiv:1904.05160
NAMED_SCHEMES = {
    "many_medium_few": ("many", "medium", "few"),
    "thirds": ("head", "middle", "tail"),
    "halves": ("head", "tail"),
}
_BOUNDS = ("many", "few")
_FORMS = "many_medium_few, thirds, halves, sizes (33,33,34) or bounds of the class counts (many=100,few=20)"

GroupScheme = str | Sequence[int] | Mapping[str, int]  # a name, sizes, or the bounds "many" and "few"


def read_group_scheme(value: object) -> GroupScheme:
    """Return the scheme that a text of the command line, or a text, list or mapping of YAML, stands for.

    Raises:
        ConfigError: it is none of the forms.

    Example:
        >>> read_group_scheme("thirds"), read_group_scheme("33,33,34"), read_group_scheme([3, 4, 3])
        ('thirds', (33, 33, 34), (3, 4, 3))
        >>> read_group_scheme("many=100,few=20"), read_group_scheme({"many": 50, "few": 10})
        ({'many': 100, 'few': 20}, {'many': 50, 'few': 10})
    """
    if isinstance(value, str):
        return _read_text(value)
    if isinstance(value, Mapping):
        return _checked_bounds(value)
    if isinstance(value, Sequence):
        return _checked_sizes(value)
    raise ConfigError(f"`groups` must be {_FORMS}, got {value}")


def group_names(scheme: GroupScheme) -> tuple[str, ...]:
    """Return the names of the groups of a scheme, most frequent classes first.

    Example:
        >>> group_names("halves"), group_names([3, 4, 3]), group_names([5, 5])
        (('head', 'tail'), ('head', 'middle', 'tail'), ('group 1', 'group 2'))
    """
    if isinstance(scheme, str):
        return look_up(NAMED_SCHEMES, scheme, "group scheme")
    if isinstance(scheme, Mapping):
        return NAMED_SCHEMES["many_medium_few"]
    return NAMED_SCHEMES["thirds"] if len(scheme) == 3 else tuple(f"group {i + 1}" for i in range(len(scheme)))


def scheme_text(scheme: GroupScheme) -> str:
    """Return a scheme as the command line writes it.

    Example:
        >>> scheme_text("thirds"), scheme_text([3, 4, 3]), scheme_text({"many": 50, "few": 10})
        ('thirds', '3,4,3', 'many=50,few=10')
    """
    if isinstance(scheme, str):
        return scheme
    if isinstance(scheme, Mapping):
        return ",".join(f"{name}={scheme[name]}" for name in _BOUNDS)
    return ",".join(map(str, scheme))


def scaled_sizes(scheme: GroupScheme, num_classes: int) -> GroupScheme:
    """Return a scheme for another number of classes: sizes keep their shares of the classes, other schemes stay.

    Example:
        >>> scaled_sizes([33, 33, 34], 20), scaled_sizes("thirds", 20)
        ((7, 6, 7), 'thirds')
    """
    if isinstance(scheme, str | Mapping):
        return scheme
    total, bounds = sum(scheme), [0]
    for size in scheme:
        bounds.append(bounds[-1] + size)
    ends = [round(num_classes * bound / total) for bound in bounds]
    return tuple(end - start for start, end in pairwise(ends))


def describe_scheme(scheme: GroupScheme) -> str:
    """Return what the groups of a scheme are, for a heading.

    Example:
        >>> describe_scheme("many_medium_few")
        'many: more than 100 training images, few: fewer than 20'
        >>> describe_scheme([3, 4, 3])
        'classes by falling training images, cut 3,4,3'
    """
    if scheme == "many_medium_few":
        scheme = {"many": MANY_THRESHOLD, "few": FEW_THRESHOLD}
    if isinstance(scheme, Mapping):
        return f"many: more than {scheme['many']:,} training images, few: fewer than {scheme['few']:,}"
    cut = f"in {scheme}" if isinstance(scheme, str) else scheme_text(scheme)
    return f"classes by falling training images, cut {cut}"


def _read_text(text: str) -> GroupScheme:
    if re.fullmatch(r"\s*\d+\s*(,\s*\d+\s*)+", text):
        return _checked_sizes([int(size) for size in text.split(",")])
    if "=" in text:
        pairs = [part.partition("=") for part in text.split(",")]
        return _checked_bounds({name.strip(): _number(bound) for name, _, bound in pairs})
    if text not in NAMED_SCHEMES:
        raise ConfigError(f"`groups` must be {_FORMS}, got '{text}'")
    return text


def _number(text: str) -> object:
    return int(text) if text.strip().isdecimal() else text


def _checked_sizes(sizes: Sequence[object]) -> tuple[int, ...]:
    whole = tuple(size for size in sizes if type(size) is int and size >= 0)
    if len(whole) != len(sizes) or len(whole) < 2:
        raise ConfigError(f"sizes of `groups` must be two or more whole numbers, got {list(sizes)}")
    return whole


def _checked_bounds(bounds: Mapping[str, object]) -> dict[str, int]:
    numbers = {name: bound for name, bound in bounds.items() if type(bound) is int and bound >= 0}
    if set(numbers) != set(_BOUNDS) or len(bounds) != len(_BOUNDS):
        raise ConfigError(f"bounds of `groups` must be many=NUMBER,few=NUMBER, got {dict(bounds)}")
    if numbers["few"] > numbers["many"] + 1:
        raise ConfigError(f"`groups`: a class would be many and few at once with {scheme_text(numbers)}")
    return {name: numbers[name] for name in _BOUNDS}
