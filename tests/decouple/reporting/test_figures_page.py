"""The page docs/figures.md: its example runs, and its table names the figures that are drawn."""

import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[3] / "docs" / "figures.md").read_text(encoding="utf-8")


def test_the_example_prints_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(code, "figures.md", "exec"), names)
    assert capsys.readouterr().out == "2 67\n"
    assert (tmp_path / "pairs.pdf").read_bytes().startswith(b"%PDF")
    assert str(names["html"]).startswith("<svg")
