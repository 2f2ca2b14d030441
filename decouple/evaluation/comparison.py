"""Classifiers compared on the same images: metrics with intervals, paired differences with tests, means over seeds."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from decouple.evaluation.statistics import compare_paired, holm_adjusted, mean_and_std
from decouple.reporting.columns import ALL, BALANCED, MANY_MEDIUM_FEW, Column, ResultRow, interval_of, value_of

METRIC_CELL_COLUMNS = (ALL, BALANCED, *MANY_MEDIUM_FEW)


@dataclass(frozen=True)
class Candidate:
    """A classifier with its predictions and metrics for each training seed."""

    name: str
    seeds: tuple[int | None, ...]  # None where the settings of a run name none
    correct: tuple[NDArray[np.bool_], ...]  # one (N,) for each seed, of the same images in the same order
    metrics: tuple[ResultRow, ...]  # one for each seed


class MetricCell(TypedDict):
    """One metric of one classifier in percent; over several seeds the mean, as are the bounds of the interval."""

    classifier: str
    seeds: int
    figure: str
    value: float | None
    std: float | None  # sample standard deviation over seeds, None of one
    low: float | None  # 95 % bootstrap interval over the images
    high: float | None


class PairwiseTest(TypedDict):
    """Difference A - B on the same images in percentage points, for one seed of each."""

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
    """Difference A - B in percentage points: mean and sample standard deviation over paired seeds."""

    a: str
    b: str
    seeds: int
    top1: float
    top1_std: float | None
    balanced: float
    balanced_std: float | None


def metric_cells(candidates: Sequence[Candidate], columns: Sequence[Column] = METRIC_CELL_COLUMNS) -> list[MetricCell]:
    """Return every metric of every classifier with its interval."""
    return [_cell(candidate, column) for candidate in candidates for column in columns]


def pairs(candidates: Sequence[Candidate], labels: NDArray[np.int64]) -> list[PairwiseTest]:
    """Return a row for each two classifiers and each seed that pairs them, with p adjusted over all rows.

    Args:
        candidates: the classifiers.
        labels: true class of each image, (N,).
    """
    rows = [
        _pair(one, two, positions, labels)
        for one, two in itertools.combinations(candidates, 2)
        for positions in paired_seeds(one.seeds, two.seeds)
    ]
    for row, adjusted in zip(rows, holm_adjusted([row["p"] for row in rows]), strict=True):
        row["p_holm"] = adjusted
    return rows


def mean_differences(rows: Sequence[PairwiseTest]) -> list[MeanDifference]:
    """Return mean and deviation of the differences over seeds, for classifiers that share several seeds."""
    differences = []
    for (a, b), group in itertools.groupby(rows, key=lambda row: (row["a"], row["b"])):
        several = list(group)
        if len(several) > 1:
            top1, top1_std = mean_and_std([row["top1"] for row in several])
            balanced, balanced_std = mean_and_std([row["balanced"] for row in several])
            differences.append(MeanDifference(
                a=a, b=b, seeds=len(several), top1=top1, top1_std=top1_std, balanced=balanced, balanced_std=balanced_std
            ))  # fmt: skip
    return differences


def paired_seeds(one: Sequence[int | None], two: Sequence[int | None]) -> list[tuple[int, int]]:
    """Return pairs of positions in both: those of equal seeds, or in order of appearance where no seed is shared."""
    same = [(position, two.index(seed)) for position, seed in enumerate(one) if seed in two]
    return same or list(zip(range(len(one)), range(len(two)), strict=False))


def _cell(candidate: Candidate, column: Column) -> MetricCell:
    values = [value_of(row, column) for row in candidate.metrics]
    spans = [interval_of(row, column) for row in candidate.metrics]
    known = [value for value in values if value is not None]
    mean, std = mean_and_std(known) if len(known) == len(values) else (None, None)
    bounds = np.array([span for span in spans if span is not None])
    low, high = bounds.mean(axis=0).tolist() if len(bounds) == len(values) else (None, None)
    return MetricCell(
        classifier=candidate.name, seeds=len(values), figure=column.heading, value=mean, std=std, low=low, high=high
    )


def _pair(one: Candidate, two: Candidate, positions: tuple[int, int], labels: NDArray[np.int64]) -> PairwiseTest:
    paired = compare_paired(one.correct[positions[0]], two.correct[positions[1]], labels)
    seeds = [one.seeds[positions[0]], two.seeds[positions[1]]]
    names = ["-" if seed is None else str(seed) for seed in seeds]
    return PairwiseTest(
        a=one.name,
        b=two.name,
        seed=names[0] if names[0] == names[1] else f"{names[0]} and {names[1]}",
        top1=paired["top1"],
        top1_low=paired["top1_interval"][0],
        top1_high=paired["top1_interval"][1],
        balanced=paired["balanced"],
        balanced_low=paired["balanced_interval"][0],
        balanced_high=paired["balanced_interval"][1],
        only_a=paired["only_a"],
        only_b=paired["only_b"],
        p=paired["mcnemar_p"],
        p_holm=paired["mcnemar_p"],
    )
