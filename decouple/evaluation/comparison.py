"""Classifiers side by side on the same images: figures with intervals, differences with tests, seeds as groups."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from decouple.evaluation.statistics import compare_paired, holm_adjusted, mean_and_std
from decouple.report.columns import ALL, BALANCED, MANY_MEDIUM_FEW, Column, ResultRow, interval_of, value_of

METRIC_CELL_COLUMNS = (ALL, BALANCED, *MANY_MEDIUM_FEW)


@dataclass(frozen=True)
class Candidate:
    """A classifier, once for each seed that it was trained with."""

    name: str
    seeds: tuple[int | None, ...]  # None where the settings of a run name none
    right: tuple[NDArray[np.bool_], ...]  # one (N,) for each seed, of the same images in the same order
    metrics: tuple[ResultRow, ...]  # one for each seed


class MetricCell(TypedDict):
    """One figure of one classifier, in percent; over several seeds the mean, of the bounds of the intervals too."""

    classifier: str
    seeds: int
    figure: str
    value: float | None
    std: float | None  # sample standard deviation over seeds, None of one
    low: float | None  # 95 % bootstrap interval over the images
    high: float | None


class PairwiseTest(TypedDict):
    """A minus B on the same images in percentage points, of one seed of each."""

    a: str
    b: str
    seed: str
    top1: float
    top1_low: float
    top1_high: float
    balanced: float
    balanced_low: float
    balanced_high: float
    only_a: int
    only_b: int
    p: float  # exact McNemar
    p_holm: float  # adjusted for all pairs of the table


class MeanDifference(TypedDict):
    """A minus B in percentage points: mean and sample standard deviation over paired seeds."""

    a: str
    b: str
    seeds: int
    top1: float
    top1_std: float | None
    balanced: float
    balanced_std: float | None


def metric_cells(candidates: Sequence[Candidate]) -> list[MetricCell]:
    """Return every figure of every classifier with its interval."""
    return [_cell(each, column) for each in candidates for column in METRIC_CELL_COLUMNS]


def pairs(candidates: Sequence[Candidate], labels: NDArray[np.int64]) -> list[PairwiseTest]:
    """Return a row for each two classifiers and each seed that pairs them, p adjusted over all rows.

    Args:
        candidates: the classifiers.
        labels: true class of each image, (N,).
    """
    rows = [
        _pair(one, two, places, labels)
        for one, two in itertools.combinations(candidates, 2)
        for places in paired_seeds(one.seeds, two.seeds)
    ]
    for row, adjusted in zip(rows, holm_adjusted([row["p"] for row in rows]), strict=True):
        row["p_holm"] = adjusted
    return rows


def mean_differences(rows: Sequence[PairwiseTest]) -> list[MeanDifference]:
    """Return mean and spread of the differences over seeds, for the classifiers that several seeds pair."""
    found = []
    for (a, b), group in itertools.groupby(rows, key=lambda row: (row["a"], row["b"])):
        several = list(group)
        if len(several) > 1:
            top1, top1_std = mean_and_std([row["top1"] for row in several])
            balanced, balanced_std = mean_and_std([row["balanced"] for row in several])
            found.append(MeanDifference(
                a=a, b=b, seeds=len(several), top1=top1, top1_std=top1_std, balanced=balanced, balanced_std=balanced_std
            ))  # fmt: skip
    return found


def paired_seeds(one: Sequence[int | None], two: Sequence[int | None]) -> list[tuple[int, int]]:
    """Return the places in both that belong together: those of the same seed, or in order where none is the same."""
    same = [(place, two.index(seed)) for place, seed in enumerate(one) if seed in two]
    return same or list(zip(range(len(one)), range(len(two)), strict=False))


def _cell(each: Candidate, column: Column) -> MetricCell:
    values = [value_of(row, column) for row in each.metrics]
    spans = [interval_of(row, column) for row in each.metrics]
    known = [value for value in values if value is not None]
    mean, std = mean_and_std(known) if len(known) == len(values) else (None, None)
    bounds = np.array([span for span in spans if span is not None])
    low, high = bounds.mean(axis=0).tolist() if len(bounds) == len(values) else (None, None)
    return MetricCell(
        classifier=each.name, seeds=len(values), figure=column.heading, value=mean, std=std, low=low, high=high
    )


def _pair(one: Candidate, two: Candidate, places: tuple[int, int], labels: NDArray[np.int64]) -> PairwiseTest:
    found = compare_paired(one.right[places[0]], two.right[places[1]], labels)
    seeds = [one.seeds[places[0]], two.seeds[places[1]]]
    shown = ["-" if seed is None else str(seed) for seed in seeds]
    return PairwiseTest(
        a=one.name,
        b=two.name,
        seed=shown[0] if shown[0] == shown[1] else f"{shown[0]} and {shown[1]}",
        top1=found["top1"],
        top1_low=found["top1_interval"][0],
        top1_high=found["top1_interval"][1],
        balanced=found["balanced"],
        balanced_low=found["balanced_interval"][0],
        balanced_high=found["balanced_interval"][1],
        only_a=found["only_a"],
        only_b=found["only_b"],
        p=found["mcnemar_p"],
        p_holm=found["mcnemar_p"],
    )
