"""The results of a sweep: one tidy table, as CSV, Markdown and HTML, and a figure of it."""

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypedDict

from decouple.evaluation.statistics import mean_and_std
from decouple.files.atomic import write_text
from decouple.files.csv_files import csv_text
from decouple.reporting.comparison import interval_text
from decouple.reporting.figure_files import save_figure
from decouple.reporting.rows import html_page, markdown_rows
from decouple.reporting.sweep_accuracy import Point, draw_sweep_accuracy
from tuning.sweep.cell_states import DONE, FAILED, CellState
from tuning.sweep.cells import SweepCell
from tuning.sweep.grid import SweepGrid
from tuning.sweep.published import PublishedKey, PublishedValue
from tuning.sweep.table_options import group_names


class ResultRow(TypedDict):
    """One metric of one cell over its seeds, in percent."""

    data: str
    stage1: str
    stage2: str
    split: str
    metric: str
    unit: str
    mean: float | None
    std: float | None  # sample standard deviation, None of one seed
    n: int  # seeds that are done
    failed: int
    low: float | None  # 95 % bootstrap interval over the test images; of several seeds the mean of the bounds
    high: float | None
    published: float | None
    published_std: float | None
    difference: float | None  # mean - published, in points
    source: str | None


def table_rows(
    grid: SweepGrid,
    cells: Sequence[SweepCell],
    states: Mapping[str, CellState],
    published: Mapping[PublishedKey, PublishedValue],
) -> list[ResultRow]:
    """Return a row for each metric of each cell (data x stage one x stage two), over its seeds."""
    rows = []
    for data, stage1, stage2 in grid.combinations():
        names = (data.name, stage1.name, stage2.name)
        seeds = [states[cell.name] for cell in cells if (cell.data, cell.stage1, cell.stage2) == names]
        for key, split, metric in _metric_keys(grid, seeds):
            rows.append(_row(names, (key, split, metric), seeds, published.get((*names, split, metric))))
    with_values = {(row["split"], row["metric"]) for row in rows if row["mean"] is not None} | {("all", "top1")}
    return [row for row in rows if (row["split"], row["metric"]) in with_values]  # a group may be empty everywhere


def write_table(folder: Path, grid: SweepGrid, rows: Sequence[ResultRow]) -> None:
    """Write table.csv, table.md, table.html and balanced.png, which the page shows; no figure of stand-in images."""
    title = grid.title or grid.name
    write_text(folder / "table.csv", csv_text(rows, list(ResultRow.__annotations__)))
    lines = table_lines(rows)
    notes = [
        *table_notes(grid),
        "Percent on the test split: mean ± sample standard deviation over n seeds; 95 %: bootstrap interval over the "
        "test images, of several seeds the mean of the bounds; difference: mean - published, in points.",
    ]
    picture = None
    if not grid.profile.stand_in:
        save_figure(draw_sweep_accuracy(points_of(rows), subtitle=title), folder / "balanced.png")
        picture = (folder / "balanced.png").read_bytes()
    write_text(folder / "table.md", f"# {title}\n\n{markdown_rows(lines)}\n" + "\n\n".join(notes) + "\n")
    write_text(folder / "table.html", html_page(title, lines, notes, picture))


def table_notes(grid: SweepGrid) -> list[str]:
    """Return the notes of a table about its experiment: the source, and that of the profile."""
    source = None if grid.source is None else f"Source: {grid.source}"
    return [note for note in (source, grid.profile.note) if note is not None]


def points_of(rows: Sequence[ResultRow]) -> list[Point]:
    """Return the points of the figure: the balanced accuracy of each cell, those without a value too."""
    cells = dict.fromkeys((row["data"], row["stage1"], row["stage2"]) for row in rows)
    values = {
        (row["data"], row["stage1"], row["stage2"]): (row["mean"], row["std"])
        for row in rows
        if (row["split"], row["metric"]) == ("all", "balanced")
    }
    return [Point(*names, *values.get(names, (None, None))) for names in cells]


def table_lines(rows: Sequence[ResultRow]) -> list[dict[str, object]]:
    """Return the rows formatted for reading; columns of published values only where there are any."""
    has_published = any(row["published"] is not None for row in rows)
    return [
        {
            **{name: row[name] for name in ("data", "stage1", "stage2")},
            "figure": row["metric"] if row["split"] == "all" else row["split"],
            "mean": _with_std(row["mean"], row["std"]),
            "95 %": interval_text(row["low"], row["high"]),
            "n": f"{row['n']}" + (f" ({row['failed']} failed)" if row["failed"] else ""),
            **(_published_texts(row) if has_published else {}),
        }
        for row in rows
    ]


def cell_lines(rows: Sequence[ResultRow]) -> list[dict[str, object]]:
    """Return a line per cell, its metrics side by side, short enough for a terminal."""
    lines = []
    for names, group in itertools.groupby(rows, key=lambda row: (row["data"], row["stage1"], row["stage2"])):
        cell_rows = list(group)
        line: dict[str, object] = dict(zip(("data", "stage1", "stage2"), names, strict=True))
        line["n"] = cell_rows[0]["n"]
        for row in cell_rows:
            heading = row["metric"] if row["split"] == "all" else row["split"]
            line[heading] = _with_std(row["mean"], row["std"])
            if row["difference"] is not None:
                line[f"{heading} - published"] = f"{row['difference']:+.2f}"
        lines.append(line)
    return lines


def _published_texts(row: ResultRow) -> dict[str, object]:
    difference = row["difference"]
    return {
        "published": _with_std(row["published"], row["published_std"]),
        "difference": "-" if difference is None else f"{difference:+.2f}",
        "source": row["source"] or "-",
    }


def _metric_keys(grid: SweepGrid, seeds: Sequence[CellState]) -> list[tuple[str, str, str]]:
    """Return (key in cells.json, split, metric) of each metric of the table."""
    keys = [("all/top1", "all", "top1"), ("all/balanced", "all", "balanced")]
    keys += [(f"{grid.groups}.{group}/top1", group, "top1") for group in group_names(grid.groups)]
    if any("long_tailed/top1" in seed.figures for seed in seeds):
        keys.append(("long_tailed/top1", "long_tailed", "top1"))
    return keys


def _row(
    names: tuple[str, str, str],
    metric_key: tuple[str, str, str],
    seeds: Sequence[CellState],
    published: PublishedValue | None,
) -> ResultRow:
    key, split, metric = metric_key
    done = [seed.figures.get(key, (None, None, None)) for seed in seeds if seed.state == DONE]
    values = [numbers for numbers in done if numbers[0] is not None]
    mean, std = mean_and_std([value for value, *_ in values if value is not None]) if values else (None, None)
    bounds = [(low, high) for _, low, high in values if low is not None and high is not None]
    low, high = (mean_and_std([pair[end] for pair in bounds])[0] if bounds else None for end in (0, 1))
    return ResultRow(
        data=names[0],
        stage1=names[1],
        stage2=names[2],
        split=split,
        metric=metric,
        unit="percent",
        mean=mean,
        std=std,
        n=len(values),
        failed=sum(seed.state == FAILED for seed in seeds),
        low=low,
        high=high,
        published=None if published is None else published.value,
        published_std=None if published is None else published.std,
        difference=None if published is None or mean is None else mean - published.value,
        source=None if published is None else published.source,
    )


def _with_std(value: float | None, std: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.2f}" if std is None else f"{value:.2f} ± {std:.2f}"
