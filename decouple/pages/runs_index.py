"""The first page of a report on several runs: every classifier by class group, tested against the best one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decouple.config.command_settings import CompareConfig
from decouple.config.weights_option import Weights
from decouple.config.yaml_file import read_yaml
from decouple.errors import ConfigError
from decouple.evaluation.comparison import Candidate, MetricCell, PairwiseTest, metric_cells, pairs
from decouple.evaluation.statistics import holm_adjusted
from decouple.files.replicates import seed_of
from decouple.files.run_dir import RunDir
from decouple.pages.method_rows import Cell
from decouple.reporting.chosen_groups import comparison_columns, with_chosen_groups
from decouple.reporting.chosen_method import STAGE_ONE
from decouple.reporting.columns import Column, best_rows
from decouple.reporting.comparison import as_difference
from decouple.reporting.differences import draw_differences
from decouple.reporting.figure_files import figure_svg
from stage2.compared_classifiers import load_candidates

SIGNIFICANT = 0.05


@dataclass(frozen=True)
class AgainstBest:
    """A classifier minus the best one, in points; over several seeds means, and the largest p."""

    balanced: float
    low: float
    high: float
    p: float  # exact McNemar, Holm-adjusted over the table

    @property
    def different(self) -> bool:
        """Whether the images tell the two apart."""
        return self.p < SIGNIFICANT and not self.low <= 0 <= self.high


@dataclass(frozen=True)
class IndexRow:
    """A classifier of the table."""

    name: str
    seeds: int
    cells: tuple[Cell, ...]
    against_best: AgainstBest | None  # None: it is the best one, or nothing is compared


@dataclass(frozen=True)
class RunLink:
    """A run of the report."""

    name: str
    page: str  # address of its page
    sentence: str  # its recommendation
    settings: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class IndexPage:
    """The content of the first page."""

    runs: tuple[RunLink, ...]
    headings: tuple[str, ...]
    rows: tuple[IndexRow, ...]
    best: str  # name of the best classifier; "": nothing is compared
    images: int  # test images; 0: the runs have different ones
    note: str  # why nothing is compared
    figure: str  # SVG element; "" where nothing is compared


def build_index(
    runs: Sequence[RunDir],
    links: Sequence[RunLink],
    checkpoint: Weights,
    groups: str | None = None,
) -> IndexPage:
    """Return the content of the first page: all saved classifiers of all runs; seeds of one configuration are one row.

    Args:
        runs: finished runs, two or more.
        links: their pages.
        checkpoint: stage-one weights, last or best.
        groups: scheme of the class groups in the table; None: many, medium, few.
    """
    settings = CompareConfig(run=tuple(str(run.path) for run in runs), weights=checkpoint, groups=groups)
    columns = comparison_columns(groups)
    try:
        candidates, labels = load_candidates(settings)
    except ConfigError as error:
        stored = _stored(runs, checkpoint, groups)
        return _index(links, stored, columns, {}, ("", 0, f"No tests: {error.with_flags()}."))
    best, differences = compare_with_best(candidates, labels.numpy())
    return _index(links, candidates, columns, differences, (best, len(labels), ""))


def compare_with_best(
    candidates: Sequence[Candidate], labels: NDArray[np.int64]
) -> tuple[str, dict[str, list[PairwiseTest]]]:
    """Return the name of the classifier with the highest balanced accuracy, and the others minus it, seed by seed.

    p is adjusted over all these comparisons.
    """
    best = max(candidates, key=lambda entry: np.mean([float(str(row["balanced"])) for row in entry.metrics]))
    tests = {entry.name: pairs([entry, best], labels) for entry in candidates if entry is not best}
    rows = [row for group in tests.values() for row in group]
    for row, adjusted in zip(rows, holm_adjusted([row["p"] for row in rows]), strict=True):
        row["p_holm"] = adjusted
    return best.name, tests


def _index(
    links: Sequence[RunLink],
    candidates: Sequence[Candidate],
    columns: Sequence[Column],
    differences: dict[str, list[PairwiseTest]],
    summary: tuple[str, int, str],  # best classifier, images, note
) -> IndexPage:
    best, images, note = summary
    cells = metric_cells(candidates, columns)
    by_name = {entry.name: [cell for cell in cells if cell["classifier"] == entry.name] for entry in candidates}
    best_of = [
        best_rows([row[position]["value"] for row in by_name.values()], column)
        for position, column in enumerate(columns)
    ]
    figure = draw_differences([as_difference(row) for rows in differences.values() for row in rows])
    return IndexPage(
        runs=tuple(links),
        headings=tuple(column.heading for column in columns),
        rows=tuple(
            IndexRow(
                name,
                row[0]["seeds"],
                tuple(_cell(cell, number in best_of[position]) for position, cell in enumerate(row)),
                _against_best(differences.get(name, [])),
            )
            for number, (name, row) in enumerate(by_name.items())
        ),
        best=best,
        images=images,
        note=note,
        figure=figure_svg(figure) if differences else "",
    )


def _cell(cell: MetricCell, best: bool) -> Cell:
    low, high = cell["low"], cell["high"]
    return Cell(cell["value"], None if low is None or high is None else (low, high), best)


def _against_best(rows: Sequence[PairwiseTest]) -> AgainstBest | None:
    if not rows:
        return None
    return AgainstBest(
        balanced=float(np.mean([row["balanced"] for row in rows])),
        low=float(np.mean([row["balanced_low"] for row in rows])),
        high=float(np.mean([row["balanced_high"] for row in rows])),
        p=max(row["p_holm"] for row in rows),
    )


def _stored(runs: Sequence[RunDir], checkpoint: str, groups: str | None) -> list[Candidate]:
    """Return the classifiers of runs that have different test images, from the stored metrics."""
    candidates = []
    for run in runs:
        results = run.read_results()
        metrics = {STAGE_ONE: results.stage1[checkpoint].metrics["test"]}
        metrics |= {
            name: entry.metrics["test"]
            for name, entry in results.stage2.get(checkpoint, {}).items()
            if entry.method != "none"
        }
        counts = run.read_data().group_counts
        candidates += [
            Candidate(f"{run.name}/{name}", (seed_of(run),), (), (with_chosen_groups(row, counts, groups),))
            for name, row in metrics.items()
        ]
    return candidates


def run_settings(run: RunDir) -> tuple[tuple[str, str], ...]:
    """Return the settings that tell runs apart, as names and values."""
    if not run.config.exists():
        return ()
    values = read_yaml(run.config)
    names = ("data", "ratio", "model", "loss", "sampler", "epochs", "seed")
    return tuple((name, str(values[name])) for name in names if values.get(name) is not None)
