"""The figures of the page of a run: which there are, in which section, and what each one says."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from decouple.class_counts import group_of_class
from decouple.pages.feature_sample import feature_sample
from decouple.pages.run_source import RunSource
from decouple.reporting.chosen_method import chosen_classifier
from decouple.reporting.confused_pairs import confused_pairs, draw_confused_pairs
from decouple.reporting.confusion import draw_confusion
from decouple.reporting.feature_map import draw_feature_map, embed_2d
from decouple.reporting.figure_files import figure_svg, save_run_figure
from decouple.reporting.per_class_accuracy import draw_per_class_accuracy
from decouple.reporting.reliability import draw_reliability
from decouple.reporting.run_figures import run_figures
from decouple.reporting.search_figures import search_figures
from decouple.reporting.style import subtitle_of

CAPTIONS = {  # name of a figure -> section of the page, caption; in the order of the page
    "methods": ("methods", "Test accuracy of every classifier by class group, with 95 % bootstrap intervals."),
    "per_class_accuracy": (
        "classes",
        "Test accuracy of every class, most training images first, with 95 % Wilson intervals.",
    ),
    "class_distribution": ("data", "Images of every class in each split, most training images first."),
    "training": ("training", "Loss, accuracy and learning rate of stage one over its epochs."),
    "feature_norms": (
        "training",
        "Mean length of the features of validation images by class group over the epochs. Shorter features of the tail "
        "mean that the network has seen too little of it.",
    ),
    "feature_norms_by_class": (
        "training",
        "Mean length of the features of every class over the epochs, coloured by its number of training images. Of "
        "more than 30 classes: the median of each group, with a band from 10 to 90 % of its classes.",
    ),
    "weight_norms": (
        "training",
        "Length of the weights of every class, by training images. Where it grows with them, the classifier favours "
        "the head; stage two evens it out.",
    ),
    "reliability": (
        "calibration",
        "Accuracy by confidence on the test split, before and after calibration with a temperature from validation "
        "images. On the diagonal a confidence is what it says; below it, it promises too much.",
    ),
    "confused_pairs": ("confused", "The pairs of classes with the most wrong predictions on the test split."),
    "confusion": ("confused", "Test images by true class (row) and predicted class (column), largest class first."),
    "feature_map": (
        "features",
        "Features of training and test images in two dimensions, coloured by class group. Distances between far "
        "points mean little in such a map.",
    ),
}
CURVE = ("tau", "Validation accuracy by class group over a hyper-parameter, with the selected value.")
SEARCH = ("search", "Trials of the search by validation accuracy.")
IMPORTANCE = ("search", "How much of the differences between trials each hyper-parameter explains.")


@dataclass(frozen=True)
class PageFigure:
    """A figure of a page."""

    name: str
    section: str
    caption: str
    svg: str  # element with its alternative text


def page_figures(source: RunSource, *, map_images: int, folder: Path | None) -> tuple[PageFigure, ...]:
    """Return the figures of a run, in the order of the page.

    Args:
        source: the run.
        map_images: images in the picture of the features; 0: no such picture.
        folder: where each figure is written as PNG and SVG too; None: nowhere.
    """
    figures = {**run_figures(source.run, source.checkpoint), **_of_compared(source), **dict(_searches(source))}
    figures["reliability"] = _reliability(source)
    if map_images > 1:
        figures["feature_map"] = _feature_map(source, map_images)
    names = [name for name in CAPTIONS if name in figures] + [name for name in figures if name not in CAPTIONS]
    return tuple(_page_figure(name, figures[name], folder) for name in names)


def _page_figure(name: str, figure: Figure, folder: Path | None) -> PageFigure:
    if folder is not None:
        save_run_figure(figure, folder / name, svg=True)
    section, caption = _caption(name)
    return PageFigure(name, section, caption, figure_svg(figure))


def _caption(name: str) -> tuple[str, str]:
    if name.endswith("_importance"):
        return IMPORTANCE
    if name.startswith("tuning_"):
        return SEARCH
    return CAPTIONS.get(name, CURVE)


def _of_compared(source: RunSource) -> dict[str, Figure]:
    """Return the figures of the compared method where the run's own figures show another one."""
    title, record = source.compared.title, source.record
    if title == chosen_classifier(source.results, source.checkpoint):
        return {}
    subtitle = subtitle_of(source.run.name, method=title, split="test", weights=source.checkpoint)
    accuracies = {entry.title: source.metrics[entry.title]["per_class"] for entry in source.classifiers}
    pairs = confused_pairs(source.test.labels.numpy(), source.compared.scores.predicted)
    figures = {
        "per_class_accuracy": draw_per_class_accuracy(
            record.class_names, record.group_counts, accuracies, record.split_counts["test"], subtitle=subtitle
        ),
        "confused_pairs": draw_confused_pairs(pairs, record.class_names, subtitle=subtitle),
    }
    table = source.metrics[title]["confusion"]
    if table is not None:
        figures["confusion"] = draw_confusion(table, record.class_names, record.group_counts, subtitle=subtitle)
    return figures


def _searches(source: RunSource) -> Iterator[tuple[str, Figure]]:
    for study in source.results.tuning:
        yield from search_figures(source.run, study).items()


def _reliability(source: RunSource) -> Figure:
    scores, labels = source.compared.scores, source.test.labels.numpy()
    groups = {"all": np.ones(len(labels), bool)}
    groups |= {name: np.isin(labels, members) for name, members in source.record.groups.items() if members}
    series = {
        "before": (scores.raw_confidence, scores.correct),
        f"after (temperature {source.compared.calibrated.temperature:.2f})": (scores.confidence, scores.correct),
    }
    subtitle = subtitle_of(source.run.name, method=source.compared.title, split="test", weights=source.checkpoint)
    return draw_reliability(series, groups, subtitle=subtitle)


def _feature_map(source: RunSource, map_images: int) -> Figure:
    sample = feature_sample(source, map_images)
    group_of = group_of_class(source.record.groups)
    names = [group_of[label] for label in sample.labels.tolist()]
    note = "" if len(names) == sample.of else f"{len(names):,} of {sample.of:,} images, as many of each group"
    subtitle = subtitle_of(source.run.name, weights=source.checkpoint, note=note)
    return draw_feature_map(embed_2d(sample.features, seed=0), names, sample.is_test, subtitle=subtitle)
