"""`decouple methods`: list samplers, losses, methods and backbones, or describe one of them."""

from typing import Any

from rich.text import Text

from decouple.config.command_line import Parsed
from decouple.config.command_settings import MethodsConfig
from decouple.docstrings import docstring_parts
from decouple.lookup import look_up
from decouple.report.tables import rows_table
from decouple.report.terminal import render
from stage2.catalogue import CATEGORIES, defaults_of, meaning_of


def run(parsed: Parsed[MethodsConfig]) -> None:
    """Print the catalogue, or all that is documented of one entry."""
    if parsed.settings.name is not None:
        print(_description(parsed.settings.name))
        return
    for title, category in CATEGORIES.items():
        heading = Text.assemble((title, "bold"), f": {category.usage}")
        rows = [_row(name, entry) for name, entry in category.entries.items()]
        print(render(heading, rows_table(rows, best=None)), end="")
    print("`decouple methods --name NAME` describes one: formula, options, when to use it")


def _row(name: str, entry: Any) -> dict[str, object]:
    parts = docstring_parts(entry)
    options = ", ".join(f"{option}={default}" for option, default in defaults_of(entry).items())
    return {"name": name, "what": _plain(parts.summary), "options": options or None, "source": _plain(parts.source)}


def _description(name: str) -> str:
    entries = {key: (title, entry) for title, category in CATEGORIES.items() for key, entry in category.entries.items()}
    title, entry = look_up(entries, name, "method")
    parts = docstring_parts(entry)
    options = [f"  {option} ({value}): {meaning_of(entry, option)}" for option, value in defaults_of(entry).items()]
    lines = [
        f"{name} ({title}: {CATEGORIES[title].usage})",
        "",
        parts.summary,
        *parts.body,
        f"Source: {parts.source}",
        f"Use: {parts.use}",
        "",
        "options:",
        *(options or ["  none"]),
    ]
    return _plain("\n".join(lines))


def _plain(text: str) -> str:
    return text.replace("``", "")
