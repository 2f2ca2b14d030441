"""A run in a few sentences: the recommended classifier, what it gains and what it costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from decouple.evaluation.metrics import Metrics
from decouple.evaluation.statistics import PairedComparison
from decouple.files.results import RecommendationEntry
from decouple.pages.class_rows import ClassRow
from decouple.reporting.recommendation import recommendation_sentence

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
    against_stage1: PairedComparison | None,
) -> tuple[str, ...]:
    """Return the sentences at the top of a page.

    Args:
        recommended: the recommendation of the run.
        metrics: title of each classifier -> its test metrics; stage one first.
        compared: title of the classifier that the page compares with stage one.
        rows: the classes.
        against_stage1: the paired comparison of both on the test split.
    """
    recommendation = recommendation_sentence(recommended)
    sentences = [f"{recommendation[0].upper()}{recommendation[1:]}."]
    if recommended.balanced is not None:
        sentences.append(f"Chosen as {recommended.reason}.")
    (stage_one, before), after = next(iter(metrics.items())), metrics[compared]
    if compared != stage_one:
        sentences.append(trade_sentence(before, after, (stage_one, compared), against_stage1))
    sentences += _unknown(rows, before["images"])
    return tuple(sentences)


def group_scheme(metrics: Metrics) -> str:
    """Return many_medium_few, or thirds where all classes are in one of those groups or test images lack in one."""
    values = [value for value in metrics["groups"]["many_medium_few"].values() if value is not None]
    return "many_medium_few" if len(values) > 1 else "thirds"


def trade_sentence(
    before: Metrics, after: Metrics, titles: tuple[str, str], against_stage1: PairedComparison | None
) -> str:
    """Return what the tail gains and the head pays on the test split.

    Args:
        before: metrics of stage one.
        after: metrics of the compared classifier.
        titles: of both.
        against_stage1: their paired comparison, for the interval of the difference.
    """
    scheme = group_scheme(before)
    groups = {name: value for name, value in before["groups"][scheme].items() if value is not None}
    (head, *_, tail), stage_one = list(groups), before["groups"][scheme]
    bounds = ""
    if against_stage1 is not None:
        low, high = against_stage1["balanced_interval"]
        bounds = f" (95 % interval {_signed(low)} to {_signed(high)})"

    def change(name: str) -> str:
        old, new = stage_one[name] or 0.0, after["groups"][scheme][name] or 0.0
        return f"from {old:.1f} to {new:.1f} % ({_signed(new - old)} points)"

    return (
        f"On the {before['images']:,} test images, {titles[1]} takes the classes with fewest training images ({tail}) "
        f"{change(tail)} and those with most ({head}) {change(head)}, compared with {titles[0]}. Balanced accuracy "
        f"changes by {_signed(after['balanced'] - before['balanced'])} points{bounds}, accuracy over all test images "
        f"by {_signed(after['top1'] - before['top1'])}."
    )


def _signed(value: float) -> str:
    return f"{value:+.1f}".replace("-", "\N{MINUS SIGN}")


def _unknown(rows: Sequence[ClassRow], images: int) -> list[str]:
    few = [row for row in rows if row.compared.few_images]
    if not few:
        return []
    names = _listed([row.name for row in few[:MAX_NAMED_CLASSES]])
    more = f" and {len(few) - MAX_NAMED_CLASSES:,} others" if len(few) > MAX_NAMED_CLASSES else ""
    return [
        f"{len(few):,} of {len(rows):,} classes have fewer than 10 of the {images:,} test images: their accuracies are "
        f'hardly known, and marked "few images" ({names}{more}).'
    ]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)
