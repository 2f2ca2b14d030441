"""docs/results.md lists every file of a table or a figure once, and its measured tables are rows of the CSV files."""

import re
from pathlib import Path

import pandas as pd
import pytest

from docs import measured_tables
from docs.measured_tables import RESULTS, measured_table

_ROOT = Path(__file__).parent.parent
_PAGE = (_ROOT / "docs" / "results.md").read_text(encoding="utf-8")
_LISTED = re.findall(
    r"^\| \[`([\w.-]+)`\]\(\.\./configs/(tables|figures)/([\w.-]+)\) \| [^|]+ \| `(.+?)` \| (.+) \|$",
    _PAGE,
    flags=re.MULTILINE,
)


@pytest.mark.parametrize("kind", ["tables", "figures"])
def test_every_file_is_listed_once(kind: str) -> None:
    files = sorted(path.name for path in (_ROOT / "configs" / kind).glob("*.yaml"))
    assert sorted(file for _, listed_kind, file, *_ in _LISTED if listed_kind == kind) == files


def test_a_line_has_name_command_and_status_of_its_file() -> None:
    for name, kind, file, command, status in _LISTED:
        assert file == f"{name}.yaml"
        word = "sweep" if kind == "tables" else "figure"
        assert command == f"decouple {word} configs/{kind}/{file}"
        assert status.startswith(("ready", "measured", "waits: ", "CIFAR: ready"))
        assert status.startswith("measured") == (RESULTS / f"{name}.csv").exists()


def test_a_measured_table_has_the_rows_of_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {
        "data": "c",
        "stage1": "gcl",
        "n": 3,
        "unit": "percent",
        "command": "decouple sweep x",
        "commit": "a1",
        "machine": "m",
        "date": "d",
    }
    cells = [
        {"stage2": "none", "split": "all", "metric": "top1", "mean": 40.0, "std": 1.5, "low": 39.0, "high": 41.25},
        {"stage2": "none", "split": "all", "metric": "balanced", "mean": 40.0, "std": 1.5, "low": 39.0, "high": 41.0},
        {"stage2": "none", "split": "tail", "metric": "top1", "mean": 7.0, "std": 0.25, "low": 6.0, "high": 8.0},
        {"stage2": "crt", "split": "all", "metric": "top1", "mean": 50.0, "std": 2.0, "low": 49.0, "high": 51.0},
    ]
    table = pd.DataFrame([{**names, **cell, "published": None, "difference": None} for cell in cells])
    table.loc[3, ["published", "difference"]] = [82.68, -32.68]
    table.to_csv(tmp_path / "t.csv", index=False)
    monkeypatch.setattr(measured_tables, "RESULTS", tmp_path)
    lines = measured_table("t").splitlines()
    assert lines[0] == "| stage2 | seeds | top1 | tail | published | difference |"
    assert lines[2] == "| none | 3 | 40.00 ± 1.50 [39.0, 41.2] | 7.00 ± 0.25 | - | - |"
    assert lines[3] == "| crt | 3 | 50.00 ± 2.00 [49.0, 51.0] | - | 82.68 | -32.68 |"
    assert lines[-1].endswith("`decouple sweep x`, commit a1, m, d.")


def test_a_table_that_is_not_measured_names_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measured_tables, "RESULTS", tmp_path)
    assert "python -m benchmarks.tables t" in measured_table("t")
