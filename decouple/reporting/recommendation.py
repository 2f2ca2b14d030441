"""The recommended classifier of a run in words."""

from decouple.files.results import RecommendationEntry
from decouple.reporting.chosen_method import NO_METHOD
from decouple.reporting.names import printable


def recommendation_sentence(entry: RecommendationEntry) -> str:
    """Return which classifier is recommended, how good it is on which images, and which others may be as good.

    Example:
        >>> entry = RecommendationEntry(
        ...     checkpoint="last", method="tau", reason="", split="58 images", balanced=71.25,
        ...     interval=(60.0, 80.5), ties=("crt",),
        ... )
        >>> recommendation_sentence(entry)
        'recommended: tau, balanced accuracy 71.2 % [60.0, 80.5] on 58 images; crt cannot be told from it there'
    """
    name = printable(entry.method) + (" (stage one)" if entry.method == NO_METHOD else "")
    if entry.balanced is None:
        return f"recommended: {name}; {entry.reason}"
    sentence = f"recommended: {name}, balanced accuracy {entry.balanced:.1f} %{_interval(entry)} on {entry.split}"
    if not entry.ties:
        return sentence
    return f"{sentence}; {listed([printable(tie) for tie in entry.ties])} cannot be told from it there"


def _interval(entry: RecommendationEntry) -> str:
    """Return the interval; one without a width is none: resamples of classes that are all right or all wrong agree."""
    if not entry.interval:
        return ""
    low, high = entry.interval
    return " [interval unknown: each class is all right or all wrong]" if low == high else f" [{low:.1f}, {high:.1f}]"


def listed(names: list[str]) -> str:
    """Return names as a list in words.

    Example:
        >>> listed(["a", "b", "c"])
        'a, b and c'
    """
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
