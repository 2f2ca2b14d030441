"""`decouple figure`: names, options and files."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from decouple.figures.drawing import require_options
from decouple.figures.table import FIGURES

Run = Callable[..., Any]
OF_FORMULAS = [name for name, entry in FIGURES.items() if entry.source == "formulas"]


@pytest.mark.parametrize("name", OF_FORMULAS)
def test_a_figure_of_formulas_is_one_command(name: str, decouple: Run, tmp_path: Path) -> None:
    answer = decouple("figure", name, "--runs", str(tmp_path))
    assert answer.code == 0
    for ending in ("png", "svg"):
        assert f"figure: {tmp_path}/figures/{name}.{ending}" in answer.out
        assert (tmp_path / "figures" / f"{name}.{ending}").stat().st_size > 2000


def test_the_list_has_every_figure(decouple: Run) -> None:
    answer = decouple("figure", "list", "--json")
    assert [entry["name"] for entry in json.loads(answer.out)["figures"]] == list(FIGURES)
    assert all(name in decouple("figure").out for name in FIGURES)


def test_an_unknown_name_is_answered_with_the_nearest(decouple: Run) -> None:
    answer = decouple("figure", "focall")
    assert answer.code == 2
    assert "unknown figure 'focall'. Did you mean 'focal'?" in answer.err


def test_a_format_is_chosen_by_the_file(decouple: Run, tmp_path: Path) -> None:
    path = tmp_path / "focal.pdf"
    answer = decouple("figure", "focal", "--values", "0", "2", "--figure", str(path), "--json")
    assert json.loads(answer.out) == {"figures": ["focal"], "files": [str(path)]}
    assert path.read_bytes().startswith(b"%PDF")


def test_an_option_without_meaning_is_refused(decouple: Run) -> None:
    answer = decouple("figure", "focal", "--counts", "3", "4")
    assert answer.code == 2
    assert answer.err.strip() == "error: --counts has no meaning for the figure focal; it reads --values"


def test_a_file_names_a_figure_and_its_options(decouple: Run, tmp_path: Path) -> None:
    path = tmp_path / "000-F2.12.yaml"
    path.write_text("figure: focal\nvalues: [0, 1]\ntitle: as in the text\n")
    answer = decouple("figure", str(path), "--runs", str(tmp_path), "--values", "3")
    assert answer.code == 0
    svg = (tmp_path / "figures" / "000-F2.12.svg").read_text()
    assert "gamma 3" in svg
    assert "gamma 1" not in svg
    assert "as in the text" in svg


def test_a_file_lists_several_figures(decouple: Run, tmp_path: Path) -> None:
    path = tmp_path / "003-F2.1.yaml"
    path.write_text("figures: [{name: class-counts, num_classes: 10}, {name: class-counts, ratio: [10, 50]}]\n")
    assert decouple("figure", str(path), "--runs", str(tmp_path)).code == 0
    names = {f"003-F2.1{letter}.{ending}" for letter in "ab" for ending in ("png", "svg")}
    assert {file.name for file in (tmp_path / "figures").iterdir()} == names


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("values: [0]\n", "must name its figure, `figure: NAME`, or be"),
        ("figures: [focal]\n", "must be a list of mappings with 'name'"),
        ("figure: focal\nvalue: [0]\n", "unknown key 'value' in"),
        ("figure: focal\ncounts: [3, 4]\n", "counts has no meaning for the figure focal"),
    ],
)
def test_faults_of_a_file(text: str, message: str, decouple: Run, tmp_path: Path) -> None:
    path = tmp_path / "figure.yaml"
    path.write_text(text)
    answer = decouple("figure", str(path), "--runs", str(tmp_path))
    assert answer.code == 2
    assert message in answer.err


def test_every_option_of_the_table_exists() -> None:
    from dataclasses import fields

    from decouple.figures.settings import FigureConfig

    known = {field.name for field in fields(FigureConfig)}
    for name, entry in FIGURES.items():
        assert set(entry.options) <= known
        require_options(name, entry, entry.options)
