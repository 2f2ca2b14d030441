import pytest
from rich.text import Text

from decouple.reporting.tables import class_table
from decouple.reporting.terminal import render


@pytest.fixture(autouse=True)
def _pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for variable in ("FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(variable, raising=False)


def test_in_a_pipe_tables_are_wide_and_plain() -> None:
    table = class_table(["a class with a long name" * 2] * 3, {f"split {i}": [10**6] * 3 for i in range(5)})
    text = render(table)
    assert max(map(len, text.splitlines())) > 80
    assert "\x1b" not in text
    assert len(text.splitlines()) == 7  # headings, a rule, three classes, a gap, the sums


def test_lines_are_neither_wrapped_nor_read_as_markup() -> None:
    line = "run: [bold]runs[/bold]/" + "x" * 200
    assert render(line, Text("in bold", "bold"), "a\nb") == f"{line}\nin bold\na\nb\n"
