"""`decouple methods`: list samplers, losses, methods and backbones, or describe one of them."""

from dataclasses import dataclass

from rich.text import Text

from decouple.config.command_line import Parsed
from decouple.config.command_settings import MethodsConfig
from decouple.docstrings import docstring_parts
from decouple.lookup import look_up
from decouple.reporting.output import emit
from decouple.reporting.tables import rows_table
from decouple.reporting.terminal import Block
from stage2.catalogue import CATEGORIES, defaults_of, meaning_of


@dataclass(frozen=True, kw_only=True)
class OptionRecord:
    """An option of an entry."""

    name: str
    default: str  # as the command line writes it
    meaning: str


@dataclass(frozen=True, kw_only=True)
class CatalogueEntry:
    """An entry of the catalogue."""

    name: str
    category: str
    usage: str
    summary: str
    formula: str  # and what else its docstring says
    source: str
    use: str  # when to use it
    options: tuple[OptionRecord, ...]


@dataclass(frozen=True, kw_only=True)
class CatalogueRecord:
    """What `--json` prints: all entries, or the one that is described."""

    entries: tuple[CatalogueEntry, ...]


def run(parsed: Parsed[MethodsConfig]) -> None:
    """Print the catalogue, or all that is documented of one entry."""
    entries, name = _catalogue(), parsed.settings.name
    if name is None:
        blocks = _overview(entries)
    else:
        entries = [look_up({entry.name: entry for entry in entries}, name, "method")]
        blocks = [_description(entries[0])]
    emit(
        parsed.call, blocks, record=CatalogueRecord(entries=tuple(entries)), rows=[_csv_row(entry) for entry in entries]
    )


def _catalogue() -> list[CatalogueEntry]:
    entries = []
    for title, category in CATEGORIES.items():
        for name, documented in category.entries.items():
            parts = docstring_parts(documented)
            options = tuple(
                OptionRecord(name=option, default=default, meaning=_plain(meaning_of(documented, option)))
                for option, default in defaults_of(documented).items()
            )
            entry = CatalogueEntry(
                name=name,
                category=title,
                usage=category.usage,
                summary=_plain(parts.summary),
                formula=_plain("\n".join(parts.body)),
                source=_plain(parts.source),
                use=_plain(parts.use),
                options=options,
            )
            entries.append(entry)
    return entries


def _overview(entries: list[CatalogueEntry]) -> list[Block]:
    blocks: list[Block] = []
    for title, category in CATEGORIES.items():
        rows = [
            {"name": entry.name, "what": entry.summary, "options": _options(entry) or None, "source": entry.source}
            for entry in entries
            if entry.category == title
        ]
        blocks += [Text.assemble((title, "bold"), f": {category.usage}"), rows_table(rows, best=None)]
    return [*blocks, "`decouple methods --name NAME` describes one: formula, options, when to use it"]


def _description(entry: CatalogueEntry) -> str:
    lines = [
        f"{entry.name} ({entry.category}: {entry.usage})",
        "",
        entry.summary,
        *([entry.formula] if entry.formula else []),
        f"Source: {entry.source}",
        f"Use: {entry.use}",
        "",
        "options:",
        *([f"  {option.name} ({option.default}): {option.meaning}" for option in entry.options] or ["  none"]),
    ]
    return "\n".join(lines)


def _csv_row(entry: CatalogueEntry) -> dict[str, object]:
    return {
        "name": entry.name,
        "category": entry.category,
        "summary": entry.summary,
        "options": _options(entry),
        "source": entry.source,
    }


def _options(entry: CatalogueEntry) -> str:
    return ", ".join(f"{option.name}={option.default}" for option in entry.options)


def _plain(text: str) -> str:
    return text.replace("``", "")
