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
    interval = "" if not entry.interval else f" [{entry.interval[0]:.1f}, {entry.interval[1]:.1f}]"
    sentence = f"recommended: {name}, balanced accuracy {entry.balanced:.1f} %{interval} on {entry.split}"
    if not entry.ties:
        return sentence
    return f"{sentence}; {listed([printable(tie) for tie in entry.ties])} cannot be told from it there"


def listed(names: list[str]) -> str:
    """Return names as a list in words.

    Example:
        >>> listed(["a", "b", "c"])
        'a, b and c'
    """
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
