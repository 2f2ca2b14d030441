"""What several test files share: running a command as a user would, and one small finished run."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from decouple.cli import main

torch.set_num_threads(1)  # the nets of these tests are so small that a second thread only gets in the way

TINY = ["--data", "digits", "--fraction", "0.5", "--epochs", "2", "--batch-size", "16"]


@dataclass(frozen=True)
class Answer:
    """How a command ended."""

    code: int
    out: str
    err: str


Command = Callable[..., Answer]


@pytest.fixture
def decouple(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run the program in this process, through its entry point."""

    def run(*words: str | Path) -> Answer:
        capsys.readouterr()
        code = main([str(word) for word in words])
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return run


@pytest.fixture(scope="session")
def _trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    runs = tmp_path_factory.mktemp("trained") / "runs"
    assert main(["stage1", *TINY, "--runs", str(runs), "--name", "base"]) == 0
    return runs


@pytest.fixture
def runs(_trained: Path, tmp_path: Path) -> Path:
    """A folder of runs with one finished run called "base", to be changed at will."""
    shutil.copytree(_trained, tmp_path / "runs")
    return tmp_path / "runs"
