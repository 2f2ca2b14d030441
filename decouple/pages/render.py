"""Pages as HTML: the templates of this package, filled. A page is one file and loads nothing."""

import base64
import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from decouple.pages.run_page import RunPage
from decouple.pages.runs_index import IndexPage
from decouple.reporting.names import shorten
from decouple.reporting.palette import page_variables

TEMPLATES = Path(__file__).parent / "templates"
RUN_SECTIONS = {
    "summary": "Summary", "methods": "Methods", "live": "Live", "classes": "Classes", "confused": "Confusions",
    "errors": "Errors", "calibration": "Calibration", "tau": "Hyper-parameters", "search": "Search",
    "features": "Features", "training": "Training", "data": "Data", "run": "Run",
}  # fmt: skip
FIGURE_SECTIONS = ("tau", "search", "features", "training")  # left out of a page without a figure of theirs
MAX_NAME = 60  # characters of a class name in a table; the whole name is its title


def render_run_page(page: RunPage, *, index: str | None = None) -> str:
    """Return the page of a run; `index` is the address of the page that lists all runs."""
    empty = set(FIGURE_SECTIONS) - {figure.section for figure in page.figures}
    sections = [entry for entry in RUN_SECTIONS.items() if entry[0] not in empty]
    return _render("run.html", ("page.js", "panel.js"), page=page, sections=sections, index=index)


def render_index(page: IndexPage) -> str:
    """Return the first page of a report on several runs."""
    return _render("index.html", ("page.js",), page=page)


def _render(template: str, scripts: tuple[str, ...], **values: object) -> str:
    texts = [f"\n{(TEMPLATES / name).read_text(encoding='utf-8')}" for name in scripts]
    html: str = (
        _environment()
        .get_template(template)
        .render(
            scripts=[Markup(text) for text in texts],  # of this package: nothing of a run is in them
            policy=content_policy(texts),
            version=version("decouple-lt"),
            figure_light=Markup(page_variables(dark=False)),
            figure_dark=Markup(page_variables(dark=True)),
            **values,
        )
    )
    return html


def content_policy(scripts: list[str]) -> str:
    """Return the content security policy of a page: its own scripts by their hashes, data images, and nothing else.

    Example:
        >>> content_policy([""])[:60]
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    """
    digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts)
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    return f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src {allowed}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["thousands"] = lambda number: f"{number:,}"
    environment.filters["shorten"] = lambda name: shorten(name, MAX_NAME)
    return environment
