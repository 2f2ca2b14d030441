"""The files of a sweep's table: CSV, Markdown and HTML, tidy and wide, and the figure that the page shows."""

from collections.abc import Sequence
from pathlib import Path

from decouple.files.atomic import write_text
from decouple.files.csv_files import csv_text
from decouple.reporting.figure_files import save_figure
from decouple.reporting.rows import markdown_rows
from decouple.reporting.sweep_accuracy import draw_sweep_accuracy
from decouple.reporting.table_page import PageTable, table_page
from tuning.sweep.grid import SweepGrid
from tuning.sweep.result_table import ResultRow
from tuning.sweep.table_text import (
    NOTES,
    across_data_lines,
    cell_lines,
    points_of,
    table_lines,
    table_notes,
    wide_rows,
    without_constant_names,
)

TABLE_FILES = "table.csv, wide.csv, table.md, table.html"


def write_table(folder: Path, grid: SweepGrid, rows: Sequence[ResultRow]) -> None:
    """Write table.csv and wide.csv, table.md, table.html, and, where balanced accuracy is a column, balanced.png."""
    title, names = grid.title or grid.name, list(ResultRow.__annotations__)
    write_text(folder / "table.csv", csv_text(rows, names))
    write_text(folder / "wide.csv", csv_text(wide_rows(rows), list(wide_rows(rows)[0]) if rows else []))
    figure = folder / "balanced.png"
    if not grid.profile.stand_in and any((row["split"], row["metric"]) == ("all", "balanced") for row in rows):
        save_figure(draw_sweep_accuracy(points_of(rows), subtitle=title), figure)
    else:
        figure.unlink(missing_ok=True)
    tables, constant = page_tables(rows)
    notes = [*table_notes(grid), *constant, *NOTES]
    parts = [f"## {table.heading}\n\n{markdown_rows(table.rows)}" for table in tables]
    write_text(folder / "table.md", f"# {title}\n\n" + "\n".join(parts) + "\n" + "\n\n".join(notes) + "\n")
    write_text(
        folder / "table.html", table_page(title, tables, notes, figure.read_bytes() if figure.exists() else None)
    )


def page_tables(rows: Sequence[ResultRow]) -> tuple[list[PageTable], list[str]]:
    """Return the tables for people (by data where there are several, by cell, tidy), and the names all cells share."""
    wide, constant = without_constant_names(cell_lines(rows, published=True))
    tables = [PageTable("By cell", wide)]
    if len({row["data"] for row in rows}) > 1 and len({(row["split"], row["metric"]) for row in rows}) <= 2:
        across, _ = without_constant_names(across_data_lines(rows))
        tables.insert(0, PageTable("By data", across))
    return [*tables, PageTable("Values", table_lines(rows))], constant
