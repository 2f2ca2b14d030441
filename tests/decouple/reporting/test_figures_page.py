"""The page docs/figures.md: its examples run, and its table names the figures that are drawn."""

import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[3] / "docs" / "figures.md").read_text(encoding="utf-8")


def test_the_examples_print_what_they_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for code in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(compile(code, "figures.md", "exec"), names)
    assert capsys.readouterr().out == "2 67\n[5.0, 1.5]\n"
    assert (tmp_path / "pairs.pdf").read_bytes().startswith(b"%PDF")
    assert str(names["html"]).startswith("<svg")
