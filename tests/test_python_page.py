"""The code of docs/python.md and of the notebook runs as it stands."""

import contextlib
import io
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def run_all(cells: list[str]) -> str:
    """Run pieces of code one after the other in one namespace; return what they print."""
    namespace: dict[str, object] = {"__name__": "page"}
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        for cell in cells:
            exec(compile(cell, "page", "exec"), namespace)
    return printed.getvalue()


def test_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    cells = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    printed = run_all(cells)
    for line in re.findall(r"print\(.*?\)  # (.*)", page):
        assert line in printed
    assert "Run('runs/digits', finished, 10 classes" in printed


def test_the_notebook_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    notebook = json.loads((ROOT / "examples" / "digits.ipynb").read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    faster = [cell.replace("epochs=6", "epochs=1") for cell in cells]
    assert faster != cells
    assert "truth: [0 1 2 3 4]" in run_all(faster)
