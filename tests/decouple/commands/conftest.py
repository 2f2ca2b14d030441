"""What tests of commands over several seeds share: two small runs that differ in their seed."""

import contextlib
import importlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
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


DRAWING = {  # modules of the commands, and the functions that draw
    "decouple.commands.stage1": ("draw_stage1",),
    "decouple.commands.stage2": ("draw_stage2",),
    "decouple.commands.tune_joint": ("draw_search",),
    "decouple.commands.tune_stage2": ("draw_search", "draw_stage2"),
    "decouple.commands.tune_tau": ("draw_search", "draw_stage2"),
    "decouple.commands.tune_weight_decay": ("draw_search",),
    "tuning.search_runs": ("draw_stage1", "draw_stage2"),
}


@contextlib.contextmanager
def _without_figures() -> Iterator[None]:
    """Skip the figures, half the time of such small runs, where no test looks at them."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        for module, functions in DRAWING.items():
            for function in functions:
                monkeypatch.setattr(importlib.import_module(module), function, lambda *_, **__: None)
        yield


@pytest.fixture(scope="session")
def without_figures() -> Callable[[], AbstractContextManager[None]]:
    """A context in which commands draw no figures, for fixtures of any scope."""
    return _without_figures


@pytest.fixture
def no_figures() -> Iterator[None]:
    """Let the commands of a test draw no figures."""
    with _without_figures():
        yield
