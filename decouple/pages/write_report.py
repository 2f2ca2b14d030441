"""A report of runs: their pages and figures, written to files."""

from dataclasses import dataclass
from pathlib import Path

from decouple.errors import ConfigError
from decouple.files.atomic import write_text
from decouple.files.replicates import find_runs
from decouple.files.run_dir import RunDir
from decouple.files.run_lookup import find_run
from decouple.pages.render import render_run_page
from decouple.pages.run_page import build_run_page
from decouple.pages.run_source import open_run_source
from decouple.pages.settings import ReportConfig


@dataclass(frozen=True, kw_only=True)
class PageRecord:
    """A page of a run that was written."""

    run: str  # folder
    path: str
    weights: str  # of stage one, last or best
    method: str  # entry of stage two that is compared with stage one; none: there is none
    figures: str | None  # folder of the figures as PNG and SVG


@dataclass(frozen=True, kw_only=True)
class ReportRecord:
    """What `decouple report` has written."""

    path: str  # the page to open first
    pages: tuple[PageRecord, ...]


def write_report(settings: ReportConfig) -> ReportRecord:
    """Write the page of a run.

    Raises:
        ConfigError: there is no such run or method, or the file cannot be a page.
        RunError: a run is not finished, or one of its files is missing or damaged.
    """
    runs = _runs(settings)
    path = Path(settings.out) if settings.out is not None else runs[0].path / "report.html"
    _require_page(path)
    page = _write_page(runs[0], path, settings)
    return ReportRecord(path=str(path), pages=(page,))


def _write_page(run: RunDir, path: Path, settings: ReportConfig) -> PageRecord:
    checkpoint = None if settings.weights == "auto" else settings.weights
    source = open_run_source(run, checkpoint=checkpoint, method=settings.method)
    folder = path.with_name(f"{path.stem}_figures") if settings.figure_files else None
    write_text(path, render_run_page(build_run_page(source, settings, folder)))
    return PageRecord(
        run=str(run.path),
        path=str(path),
        weights=source.checkpoint,
        method=source.compared.calibrated.name,
        figures=None if folder is None else str(folder),
    )


def _runs(settings: ReportConfig) -> list[RunDir]:
    """Return the named runs, without repeats, or the latest."""
    if not settings.run:
        return [find_run(None, settings.runs)]
    runs = {run.path.resolve(): run for name in settings.run for run in find_runs(name, settings.runs)}
    return list(runs.values())


def _require_page(path: Path) -> None:
    if path.suffix.lower() not in (".html", ".htm") or path.is_dir():
        raise ConfigError(f"`out` must name a file that ends in .html, got '{path}'")
    if not path.parent.is_dir():
        raise ConfigError(f"`out` must name a file in a folder that exists, got '{path}'")
