"""A comparison of classifiers as rows of tables: metrics, differences, differences over seeds."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from decouple.evaluation.comparison import MetricCell, PairwiseTest, mean_differences
from decouple.files.atomic import write_text
from decouple.files.csv_files import csv_text
from decouple.reporting.columns import shown
from decouple.reporting.differences import Difference, draw_differences
from decouple.reporting.figure_files import save_figure
from decouple.reporting.rows import markdown_rows


@dataclass(frozen=True)
class Section:
    """A table and the heading above it."""

    heading: str
    rows: list[dict[str, object]]


def comparison_sections(cells: Sequence[MetricCell], differences: Sequence[PairwiseTest]) -> list[Section]:
    """Return the tables that have a row: metrics, pairs, and pairs over seeds."""
    seeds = max(cell["seeds"] for cell in cells)
    several = ", mean ± standard deviation over seeds; bounds are means over seeds" if seeds > 1 else ""
    sections = [
        Section(f"accuracy (%) with 95 % bootstrap interval{several}", _cell_lines(cells)),
        Section(
            "A - B in points with 95 % paired bootstrap interval; p: exact McNemar; Holm: p adjusted for all rows",
            [_pair_line(row) for row in differences],
        ),
        Section("A - B in points, mean ± standard deviation over seeds", _spread_lines(differences)),
    ]
    return [section for section in sections if section.rows]


def write_comparison(folder: Path, cells: Sequence[MetricCell], differences: Sequence[PairwiseTest]) -> None:
    """Write compare.csv, compare_pairs.csv, compare.md and compare.png."""
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / "compare.csv", csv_text(cells))
    write_text(folder / "compare_pairs.csv", csv_text(differences, list(PairwiseTest.__annotations__)))
    sections = comparison_sections(cells, differences)
    write_text(folder / "compare.md", "\n".join(f"{part.heading}\n\n{markdown_rows(part.rows)}" for part in sections))
    save_figure(draw_differences([as_difference(row) for row in differences]), folder / "compare.png")


def as_difference(row: PairwiseTest) -> Difference:
    """Return a pair as a row of the figure."""
    seed = "" if row["seed"] == "-" else f" (seed {row['seed']})"
    return Difference(
        f"{row['a']} - {row['b']}{seed}",
        {
            "all": (row["top1"], row["top1_low"], row["top1_high"]),
            "balanced": (row["balanced"], row["balanced_low"], row["balanced_high"]),
        },
    )


def interval_text(low: float | None, high: float | None) -> str:
    """Return "68.01 to 72.20", or "-"."""
    return "-" if low is None or high is None else f"{low:.2f} to {high:.2f}"


def _cell_lines(cells: Sequence[MetricCell]) -> list[dict[str, object]]:
    """Return two rows per classifier: its metrics, and their intervals."""
    lines: list[dict[str, object]] = []
    for name, group in itertools.groupby(cells, key=lambda cell: cell["classifier"]):
        metric_cells = list(group)
        values = {cell["figure"]: _with_std(cell["value"], cell["std"]) for cell in metric_cells}
        spans = {cell["figure"]: interval_text(cell["low"], cell["high"]) for cell in metric_cells}
        seeds = {"seeds": metric_cells[0]["seeds"]}
        lines += [
            {"classifier": name, **seeds, "": "value", **values},
            {"classifier": name, **seeds, "": "95 %", **spans},
        ]
    return lines


def _pair_line(row: PairwiseTest) -> dict[str, object]:
    return {
        "A": row["a"],
        "B": row["b"],
        "seed": row["seed"],
        "all": f"{row['top1']:+.2f}",
        "95 %": f"{row['top1_low']:.1f} to {row['top1_high']:.1f}",
        "balanced": f"{row['balanced']:+.2f}",
        "its 95 %": f"{row['balanced_low']:.1f} to {row['balanced_high']:.1f}",
        "only A": row["only_a"],
        "only B": row["only_b"],
        "p": f"{row['p']:.3g}",
        "Holm": f"{row['p_holm']:.3g}",
    }


def _spread_lines(differences: Sequence[PairwiseTest]) -> list[dict[str, object]]:
    return [
        {
            "A": row["a"],
            "B": row["b"],
            "seeds": row["seeds"],
            "all": _with_std(row["top1"], row["top1_std"], sign="+"),
            "balanced": _with_std(row["balanced"], row["balanced_std"], sign="+"),
        }
        for row in mean_differences(differences)
    ]


def _with_std(value: float | None, std: float | None, *, sign: str = "") -> str:
    if value is None:
        return "-"
    mean = f"{value:{sign}.2f}" if sign else shown(value)
    return mean if std is None else f"{mean} ± {std:.2f}"
