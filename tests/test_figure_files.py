"""Every file of configs/figures names its source, and is drawn by one command in a smoke run."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

Run = Callable[..., Any]
FOLDER = Path(__file__).parent.parent / "configs" / "figures"
FILES = sorted(FOLDER.glob("*.yaml"))
# Figures of the texts that hold data: schematic pictures are left out.
EXPECTED = {
    "000": "2.12 2.13 3.1 3.2 3.3 3.4 3.5 5.1 5.2 5.3 5.4 5.5 5.6",
    "001": "5.2 5.3 5.4",
    "002": "1.1 2.2 3.2",
    "003": "2.1 2.2 3.5 3.6 3.7 3.8 4.2 4.3 5.1 5.3 5.4",
    "004": "2 4 5 6 7",
}


@pytest.fixture(scope="module")
def smoke_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all smoke runs, which the files share."""
    return tmp_path_factory.mktemp("figures") / "runs"


def test_there_is_a_file_for_every_figure() -> None:
    assert {path.stem for path in FILES} == {
        f"{text}-F{number}" for text, numbers in EXPECTED.items() for number in numbers.split()
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_begins_with_what_it_shows_and_names_its_source(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# ")
    values = yaml.safe_load(text)
    assert ("section" if path.stem.startswith("001") else "figure") in values["source"]
    assert values.get("name", path.stem) == path.stem


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_is_drawn_by_one_command(path: Path, smoke_runs: Path, decouple: Run) -> None:
    answer = decouple("figure", path, "--profile-run", "smoke", "--runs", smoke_runs, "--quiet")
    assert answer.err == ""
    assert answer.code == 0
    values = yaml.safe_load(path.read_text(encoding="utf-8"))
    files = [Path(line.removeprefix("figure: ")) for line in answer.out.splitlines()]
    assert len(files) == 2 * len(values.get("figures", [None]))
    assert all(file.stat().st_size > 2000 for file in files)
