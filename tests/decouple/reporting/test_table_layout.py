"""Tables at every width: no word is cut and no column is lost."""

import re

import pytest
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from decouple.reporting.table_layout import fit, unlimited
from decouple.reporting.tables import class_table, results_table, rows_table
from decouple.reporting.terminal import render

WIDTHS = [20, 40, 80, 200]
PAIRS: list[dict[str, object]] = [
    {"A": a, "B": b, "seed": 0, "all": "+9.50", "95 %": "6.0 to 13.0", "only A": 38, "only B": 19, "p": "0.0163"}
    for a, b in (("none", "weight_balance"), ("none", "logit_adjust"), ("weight_balance", "logit_adjust"))
]
TEXTS: list[dict[str, object]] = [
    {"name": "ce", "what": "the negative log-likelihood of the softmax " * 3, "source": "Kang et al., ICLR 2020"},
    {"name": "cutmix", "what": "pastes a box of one image into another one", "source": "Yun et al."},
]


class Terminal:
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None: ...


def on_terminal(monkeypatch: pytest.MonkeyPatch, table: Table, width: int) -> list[str]:
    with monkeypatch.context() as context:
        context.setenv("COLUMNS", str(width))
        context.setenv("NO_COLOR", "1")
        context.setenv("TERM", "xterm")
        context.setattr("sys.stdout", Terminal())
        text = render(table)
    return [re.sub(r"\x1b\[[\d;]*m", "", line) for line in text.splitlines()]


def words(text: str) -> set[str]:
    return set(text.split())


def tables() -> dict[str, Table]:
    return {
        "pairs": rows_table(PAIRS, best=1),
        "texts": rows_table(TEXTS, best=None),
        "classes": class_table(["a moth", "a moth with a longer name"], {"train": [120, 3], "test": [10, 10]}),
        "results": results_table({"stage one": {"top1": 41.5, "balanced": 30.25}, "crt": {"top1": 44.0}}),
    }


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", tables())
def test_every_word_is_there_at_every_width(name: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tables()[name]
    expected = {
        word
        for column in table.columns
        for cell in (column.header, *column.cells)
        for word in words(cell.plain if isinstance(cell, Text) else str(cell))
    }
    lines = on_terminal(monkeypatch, table, width)
    assert words("\n".join(lines)) >= expected
    if width >= 40:
        assert max(map(cell_len, lines)) <= width


def test_a_block_repeats_what_tells_the_rows_apart() -> None:
    blocks = fit(rows_table(PAIRS, best=None), 60)
    headings = [[str(column.header) for column in block.columns] for block in blocks]
    assert len(blocks) > 1
    assert all(names[:2] == ["A", "B"] for names in headings)  # A alone has "none" twice
    assert [name for names in headings for name in names[2:]] == ["seed", "all", "95 %", "only A", "only B", "p"]


def test_text_gets_narrower_before_columns_are_moved() -> None:
    (block,) = fit(rows_table(TEXTS, best=None), 60)
    assert next(column.width for column in block.columns) == len("cutmix")
    assert sum(column.width or 0 for column in block.columns) + 2 * 2 == 60


def test_the_natural_width_has_one_line_per_row() -> None:
    table = unlimited(rows_table(TEXTS, best=None))
    assert [column.width for column in table.columns] == [6, len(str(TEXTS[0]["what"]).strip()), 22]


@pytest.mark.parametrize("columns", [*map(str, WIDTHS), "1"])
def test_in_a_pipe_the_width_of_the_terminal_does_not_matter(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    name = "x" * 200
    text = render(class_table([name, "b"], {"train": [1, 2]}), rows_table(PAIRS, best=None), rows_table(TEXTS, None))
    lines = text.splitlines()
    assert len(lines) == (2 + 2 + 1 + 1) + (2 + 3) + (2 + 2)
    assert name in text
    assert any(all(str(value) in line for value in PAIRS[2].values()) for line in lines)
    assert any(str(TEXTS[0]["what"]).strip() in line for line in lines)


def test_a_forced_colour_does_not_make_a_pipe_narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert len(render(rows_table(PAIRS, best=None)).splitlines()) == 2 + 3
