"""A run in a few sentences: the recommended classifier, what it gains and what it costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from decouple.evaluation.metrics import Metrics
from decouple.files.results import RecommendationEntry
from decouple.pages.class_rows import ClassRow
from decouple.report.columns import shown

MAX_NAMED_CLASSES = 5


@dataclass(frozen=True)
class Tile:
    """A headline figure in percent, and its change against stage one in points."""

    title: str
    value: float | None
    change: float | None


def headline_tiles(metrics: Mapping[str, Metrics], compared: str) -> tuple[Tile, ...]:
    """Return balanced accuracy, accuracy over all images, and the groups; `metrics` as in `summary_sentences`."""
    before, after = next(iter(metrics.values())), metrics[compared]
    scheme = group_scheme(before)
    tiles = [
        Tile("balanced accuracy", after["balanced"], after["balanced"] - before["balanced"]),
        Tile("all test images", after["top1"], after["top1"] - before["top1"]),
    ]
    for name, value in after["groups"][scheme].items():
        old = before["groups"][scheme][name]
        if value is not None and old is not None:
            tiles.append(Tile(f"{name} classes", value, value - old))
    return tuple(tiles)


def summary_sentences(
    recommended: RecommendationEntry,
    metrics: Mapping[str, Metrics],
    compared: str,
    rows: Sequence[ClassRow],
) -> tuple[str, ...]:
    """Return the sentences at the top of a page.

    Args:
        recommended: the recommendation of the run.
        metrics: title of each classifier -> its test metrics; stage one first.
        compared: title of the classifier that the page compares with stage one.
        rows: the classes.
    """
    sentences = [recommendation_sentence(recommended)]
    (stage_one, before), after = next(iter(metrics.items())), metrics[compared]
    if compared != stage_one:
        sentences.append(_trade(before, after, stage_one, compared))
    sentences += _unknown(rows, before["images"])
    return tuple(sentences)


def recommendation_sentence(recommended: RecommendationEntry) -> str:
    """Return which classifier is recommended and why.

    Example:
        >>> recommendation_sentence(RecommendationEntry(
        ...     checkpoint="last", method="tau", reason="highest balanced accuracy on 58 validation images",
        ...     split="58 validation images", balanced=71.25, interval=(66.0, 76.0), ties=("crt",)))
        'Recommended: tau (highest balanced accuracy on 58 validation images: 71.2 %, 95 % interval 66.0 to 76.0). \
These images cannot tell it from crt.'
    """
    title = "stage one" if recommended.method == "none" else recommended.method
    reason = recommended.reason
    if recommended.balanced is not None:
        reason += f": {recommended.balanced:.1f} %"
    if len(recommended.interval) == 2:
        reason += f", 95 % interval {recommended.interval[0]:.1f} to {recommended.interval[1]:.1f}"
    ties = ["stage one" if name == "none" else name for name in recommended.ties]
    tied = f" These images cannot tell it from {_listed(ties)}." if ties else ""
    return f"Recommended: {title} ({reason}).{tied}"


def group_scheme(metrics: Metrics) -> str:
    """Return many_medium_few, or thirds where all classes are in one of those groups or test images lack in one."""
    values = [value for value in metrics["groups"]["many_medium_few"].values() if value is not None]
    return "many_medium_few" if len(values) > 1 else "thirds"


def _trade(before: Metrics, after: Metrics, stage_one: str, compared: str) -> str:
    scheme = group_scheme(before)
    groups = [name for name, value in before["groups"][scheme].items() if value is not None]
    head, tail = groups[0], groups[-1]
    changes = {
        name: (after["groups"][scheme][name] or 0) - (before["groups"][scheme][name] or 0) for name in (head, tail)
    }
    return (
        f"On {before['images']:,} test images, {compared} against {stage_one}: classes with few training images "
        f"({tail}) go from {shown(before['groups'][scheme][tail])} to {shown(after['groups'][scheme][tail])} % "
        f"({changes[tail]:+.1f} points), classes with many ({head}) from {shown(before['groups'][scheme][head])} to "
        f"{shown(after['groups'][scheme][head])} % ({changes[head]:+.1f}); balanced accuracy "
        f"{after['balanced'] - before['balanced']:+.1f} points, accuracy over all images "
        f"{after['top1'] - before['top1']:+.1f}."
    )


def _unknown(rows: Sequence[ClassRow], images: int) -> list[str]:
    few = [row for row in rows if row.compared.few_images]
    if not few:
        return []
    names = _listed([row.name for row in few[:MAX_NAMED_CLASSES]])
    more = f" and {len(few) - MAX_NAMED_CLASSES:,} others" if len(few) > MAX_NAMED_CLASSES else ""
    return [
        f"{len(few):,} of {len(rows):,} classes have fewer than 10 of the {images:,} test images: what the table says "
        f'of them is marked "few images" and hardly known ({names}{more}).'
    ]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)
