"""Figures of class sizes alone: images per class of long-tailed sets, and how often samplers draw each class."""

from matplotlib.figure import Figure

from decouple.class_counts import longtail_counts
from decouple.errors import DataError
from decouple.figures.request import FigureRequest, count_list
from decouple.reporting.class_axis import ClassAxis
from decouple.reporting.class_series import draw_class_series
from samplers.probabilities import class_probabilities

SAMPLERS = ("instance", "class", "sqrt", "progressive")
PROGRESSIVE = "progressive"
WIDE = 150  # times the smallest probability: beyond it, a linear axis shows the head alone


def draw_class_counts(request: FigureRequest) -> Figure:
    """Draw the training images of every class, for several imbalance ratios or list files."""
    series = _count_series(request)
    if request.config.test_count:
        num_classes = len(next(iter(series.values())))
        series["test set"] = [request.config.test_count] * num_classes
    largest = max(series.values(), key=max)
    subtitle = request.subtitle(f"{len(largest):,} classes")
    return draw_class_series(
        "Images per class",
        ClassAxis([str(label) for label in range(len(largest))], largest),
        {label: [float(count) for count in counts] for label, counts in series.items()},
        y_label="images of the class (logarithmic)",
        y_log=True,
        subtitle=subtitle,
    )


def _count_series(request: FigureRequest) -> dict[str, list[int]]:
    """Return label -> images of every class: of the list files, the counts, or the profile at each ratio.

    A smoke run draws the profile in place of list files, which may not be there.

    Raises:
        DataError: a list file is missing or damaged, or has another number of classes than the first.
    """
    config = request.config
    if config.lists and config.profile_run != "smoke":
        series = {label: count_list(path) for label, path in zip(request.list_labels(), config.lists, strict=True)}
        if len({len(counts) for counts in series.values()}) > 1:
            raise DataError("the files of `lists` do not have the same number of classes")
        return series
    if config.counts:
        return {"training set" if config.test_count else "images": list(config.counts)}
    return {
        f"ratio {ratio:g}": longtail_counts(config.profile, config.num_classes, config.max_count, ratio).tolist()
        for ratio in config.ratio
    }


def draw_sampling_weights(request: FigureRequest) -> Figure:
    """Draw the probability that a draw comes from each class, for several samplers; progressive at several moments."""
    counts = request.counts()
    probabilities = sampling_weights(counts, request.config.samplers or SAMPLERS, request.config.values or (0.5,))
    values = [value for row in probabilities.values() for value in row]
    is_wide = max(values) > WIDE * min(values)
    return draw_class_series(
        "Sampling probability of every class",
        ClassAxis([str(label) for label in range(len(counts))], counts),
        probabilities,
        y_label=f"probability of the class in a draw (%{', logarithmic' if is_wide else ''})",
        y_log=is_wide,
        subtitle=request.counts_subtitle(),
    )


def sampling_weights(
    counts: list[int], samplers: tuple[str, ...], progress: tuple[float, ...]
) -> dict[str, list[float]]:
    """Return label -> probability of each class in percent, C values.

    Args:
        counts: C images.
        samplers: names of samplers; "progressive" has a series for each of `progress`.
        progress: finished shares of the epochs, each in [0, 1].

    Example:
        >>> sampling_weights([3, 1], ("instance", "progressive"), (0.5,))
        {'instance': [75.0, 25.0], 'progressive, 50 % of the epochs': [62.5, 37.5]}
    """
    series: dict[str, list[float]] = {}
    for name in samplers:
        for share in progress if name == PROGRESSIVE else (0.0,):
            label = f"{name}, {100 * share:.0f} % of the epochs" if name == PROGRESSIVE else name
            series[label] = (100 * class_probabilities(name, counts, share)).tolist()
    return series
