"""`decouple figure`: draw a figure by its name, or the figures of a file."""

from dataclasses import dataclass
from pathlib import Path

from decouple.config.command_line import Parsed
from decouple.figures.named_figure import draw_named
from decouple.figures.settings import LIST, FigureConfig
from decouple.figures.table import FIGURES
from decouple.reporting.output import emit
from decouple.reporting.tables import rows_table


@dataclass(frozen=True, kw_only=True)
class FiguresRecord:
    """What `--json` prints: the files that were written."""

    figures: tuple[str, ...]  # names
    files: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ListedFigure:
    """A figure of the list."""

    name: str
    source: str
    summary: str
    options: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ListRecord:
    """What `--json` prints of the list."""

    figures: tuple[ListedFigure, ...]


def run(parsed: Parsed[FigureConfig]) -> None:
    """Draw the figures, and print the files; or print the names."""
    if parsed.settings.name == LIST:
        _list(parsed)
        return
    drawn = draw_named(parsed.settings, parsed.explicit)
    rows = [{"figure": figure.name, "file": str(path)} for figure in drawn for path in figure.files]
    files = tuple(str(row["file"]) for row in rows)
    record = FiguresRecord(figures=tuple(figure.name for figure in drawn), files=files)
    emit(parsed.call, [f"figure: {Path(path)}" for path in files], record=record, rows=rows)


def _list(parsed: Parsed[FigureConfig]) -> None:
    entries = tuple(
        ListedFigure(name=name, source=entry.source, summary=entry.summary, options=entry.options)
        for name, entry in FIGURES.items()
    )
    rows = [
        {
            "figure": entry.name,
            "from": entry.source,
            "shows": entry.summary,
            "options": " ".join(name.replace("_", "-") for name in entry.options) or None,
        }
        for entry in entries
    ]
    emit(parsed.call, [rows_table(rows, best=None)], record=ListRecord(figures=entries), rows=rows)
