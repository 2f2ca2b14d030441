"""What tests of commands over several seeds share: two small runs that differ in their seed."""

import shutil
from pathlib import Path

import pytest

from decouple.cli import main

SMALL = ["--data", "digits", "--fraction", "0.3", "--ratio", "10", "--epochs", "1", "--batch-size", "16"]


@pytest.fixture
def small() -> list[str]:
    """The words that make such a run."""
    return SMALL


@pytest.fixture(scope="session")
def _two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    runs = tmp_path_factory.mktemp("seeds") / "runs"
    assert main(["stage1", *SMALL, "--seeds", "2", "--seed", "3", "--name", "x", "--runs", str(runs)]) == 0
    return runs


@pytest.fixture
def two(_two: Path, tmp_path: Path) -> Path:
    """A folder with the runs x-s3 and x-s4, to be changed at will."""
    shutil.copytree(_two, tmp_path / "runs")
    return tmp_path / "runs"
