"""A report of runs: their pages and figures, written to files."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from decouple.errors import ConfigError
from decouple.files.atomic import write_text
from decouple.files.replicates import find_runs
from decouple.files.run_dir import RunDir
from decouple.files.run_lookup import find_run
from decouple.pages.render import render_index, render_run_page
from decouple.pages.run_page import build_run_page
from decouple.pages.run_source import RunSource, open_run_source
from decouple.pages.runs_index import RunLink, build_index, run_settings
from decouple.pages.settings import ReportConfig
from decouple.reporting.names import printable
from decouple.reporting.recommendation import recommendation_sentence

INDEX = "index.html"
DEFAULT_FOLDER = Path("report")
PAGE_ENDINGS = (".html", ".htm")


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
    """Write the page of a run; of several runs a page each, and index.html with a table that compares them.

    Raises:
        ConfigError: there is no such run or method, or a page cannot be written there.
        RunError: a run is not finished, or one of its files is missing or damaged.
    """
    runs = _runs(settings)
    if len(runs) > 1:
        return _write_several(runs, settings)
    path = Path(settings.out) if settings.out is not None else runs[0].path / "report.html"
    _require_page(path)
    source = _open(runs[0], settings)
    return ReportRecord(path=str(path), pages=(_write_page(source, path, settings),))


def _write_several(runs: Sequence[RunDir], settings: ReportConfig) -> ReportRecord:
    folder = Path(settings.out) if settings.out is not None else DEFAULT_FOLDER
    if folder.suffix.lower() in PAGE_ENDINGS or (folder.exists() and not folder.is_dir()):
        raise ConfigError(f"`out` must name a folder for the pages of {len(runs)} runs, got '{folder}'")
    sources = [_open(run, settings) for run in runs]
    folder.mkdir(parents=True, exist_ok=True)
    pages, links = [], []
    for source, name in zip(sources, page_names([run.name for run in runs]), strict=True):
        pages.append(_write_page(source, folder / name, settings, index=INDEX))
        sentence = recommendation_sentence(source.recommended)
        links.append(RunLink(printable(source.run.name), name, sentence, run_settings(source.run)))
    checkpoint = "last" if settings.weights == "auto" else settings.weights
    write_text(folder / INDEX, render_index(build_index(runs, links, checkpoint, settings.groups)))
    return ReportRecord(path=str(folder / INDEX), pages=tuple(pages))


def page_names(run_names: Sequence[str]) -> list[str]:
    """Return a file name for the page of each run, all different: letters, digits and ``.-_`` of the run's name.

    Example:
        >>> page_names(["base", "a b", "a/b", "index"])
        ['base.html', 'a_b.html', 'a_b-2.html', 'index-2.html']
    """
    names = [INDEX]
    for run_name in run_names:
        stem, number = re.sub(r"[^\w.-]", "_", run_name), 1
        name = f"{stem}.html"
        while name in names:
            number += 1
            name = f"{stem}-{number}.html"
        names.append(name)
    return names[1:]


def _open(run: RunDir, settings: ReportConfig) -> RunSource:
    checkpoint = None if settings.weights == "auto" else settings.weights
    return open_run_source(run, checkpoint=checkpoint, method=settings.method)


def _write_page(source: RunSource, path: Path, settings: ReportConfig, *, index: str | None = None) -> PageRecord:
    folder = None if settings.no_figure_files else path.with_name(f"{path.stem}_figures")
    write_text(path, render_run_page(build_run_page(source, settings, folder), index=index))
    return PageRecord(
        run=str(source.run.path),
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
    if path.suffix.lower() not in PAGE_ENDINGS or path.is_dir():
        raise ConfigError(f"`out` must name a file that ends in .html, got '{path}'")
    if not path.parent.is_dir():
        raise ConfigError(f"`out` must name a file in a folder that exists, got '{path}'")
