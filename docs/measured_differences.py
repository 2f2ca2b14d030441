"""What the seeds of the measured tables allow to say: differences between cells with 95 % intervals, and a verdict.

The interval is Student's over paired seeds (the same seed draws the same images in both cells), mean ± t s / sqrt(n).
It covers the training, not the choice of the test images.
"""

import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from docs.measured_tables import RESULTS, line

_LEVEL = 0.95


@dataclass(frozen=True)
class Difference:
    """A difference of two cells in points, with its interval; without one where fewer than two seeds are done."""

    mean: float
    low: float
    high: float
    seeds: int

    @property
    def text(self) -> str:
        """The difference for a table."""
        interval = "" if np.isnan(self.low) else f" [{self.low:+.2f}, {self.high:+.2f}]"
        return f"{self.mean:+.2f}{interval}"

    def verdict(self, positive: str, negative: str, neither: str) -> str:
        """Return which of three words the interval allows."""
        if self.low > 0:
            return positive
        return negative if self.high < 0 else neither


def paired_difference(first: NDArray[np.float64], second: NDArray[np.float64]) -> Difference:
    """Return the mean of `first - second` over paired seeds, arrays (n,), with Student's 95 % interval.

    Example:
        >>> paired_difference(np.array([3.0, 4.0, 5.0]), np.array([1.0, 1.0, 1.0])).text
        '+3.00 [+0.52, +5.48]'
    """
    differences = first - second
    mean, n = float(differences.mean()), len(differences)
    if n < 2:
        return Difference(mean, float("nan"), float("nan"), n)
    half = float(stats.t.ppf((1 + _LEVEL) / 2, n - 1) * differences.std(ddof=1) / np.sqrt(n))
    return Difference(mean, mean - half, mean + half, n)


def order_table(name: str) -> str:
    """Return a line for each neighbouring pair of a published table: do the seeds confirm its order?"""
    values = _values(name)
    if values is None:
        return ""
    published = _published(name)
    lines = [line(["published order", "published", "measured", "seeds", "verdict"]), "|---|---:|---:|---:|---|"]
    for data, group in published.groupby("data", sort=False):
        ranked = group.sort_values("published", ascending=False, kind="stable")
        for (_, better), (_, worse) in itertools.pairwise(ranked.iterrows()):
            difference = _between(values, (data, better["cell"]), (data, worse["cell"]))
            if difference is None:
                continue
            verdict = difference.verdict("confirmed", "contradicted", "undecided")
            pair = f"{data}: {better['cell']} > {worse['cell']}"
            gap = f"{better['published'] - worse['published']:+.2f}"
            lines.append(line([pair, gap, difference.text, str(difference.seeds), verdict]))
    return "\n".join(lines)


def gains_table(name: str, *, baseline: str = "none") -> str:
    """Return a line for each stage one: the gain of each second stage over stage one's own classifier."""
    values = _values(name)
    if values is None:
        return ""
    methods = [method for method in dict.fromkeys(values["stage2"]) if method != baseline]
    lines = [line(["stage one", *methods]), f"|---|{'---|' * len(methods)}"]
    for (data, stage1), _ in values.groupby(["data", "stage1"], sort=False):
        texts = []
        for method in methods:
            difference = _between(values, (data, f"{stage1}, {method}"), (data, f"{stage1}, {baseline}"))
            texts.append("-" if difference is None else _gain(difference))
        lines.append(line([str(stage1), *texts]))
    return "\n".join(lines)


def _gain(difference: Difference) -> str:
    return f"{difference.text} {difference.verdict('helps', 'hurts', 'undecided')}"


def _between(values: pd.DataFrame, first: tuple[object, str], second: tuple[object, str]) -> Difference | None:
    """Return the difference of two cells over the seeds that both have; None without any."""
    one, two = (
        values[(values["data"] == data) & (values["cell"] == cell)].set_index("seed")["value"]
        for data, cell in (first, second)
    )
    seeds = one.index.intersection(two.index)
    if len(seeds) == 0:
        return None
    return paired_difference(one.loc[seeds].to_numpy(float), two.loc[seeds].to_numpy(float))


def _values(name: str) -> pd.DataFrame | None:
    """Return top1 on the test split of every cell and seed; None where the table is not measured."""
    path = RESULTS / f"{name}-seeds.csv"
    return _top1(path) if path.exists() else None


def _published(name: str) -> pd.DataFrame:
    rows = _top1(RESULTS / f"{name}.csv")
    return rows[rows["published"].notna()]


def _top1(path: Path) -> pd.DataFrame:
    rows = pd.read_csv(path)
    rows = rows[(rows["split"] == "all") & (rows["metric"] == "top1")]
    return rows.assign(cell=rows["stage1"] + ", " + rows["stage2"])
