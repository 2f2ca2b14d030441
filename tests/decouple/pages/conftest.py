"""One small run with stage two, its page, and a browser."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from decouple.cli import main
from decouple.commands import stage1, stage2
from decouple.pages import run_page
from tests.decouple.pages.browser import PROGRAM, Browser

SMALL = ["--data", "digits", "--ratio", "20", "--fraction", "0.5", "--epochs", "2", "--batch-size", "16"]


@pytest.fixture(scope="session")
def report_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of runs: "a" with tau and ncm, "b" with another loss and tau. Not to be changed."""
    runs = tmp_path_factory.mktemp("reported") / "runs"
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(stage1, "draw_stage1", lambda *_, **__: None)
        monkeypatch.setattr(stage2, "draw_stage2", lambda *_, **__: None)
        for name, loss in (("a", "ce"), ("b", "balanced_softmax")):
            assert main(["stage1", *SMALL, "--loss", loss, "--runs", str(runs), "--name", name]) == 0
            for method in ("tau", "ncm"):
                assert main(["stage2", "--run", name, "--runs", str(runs), "--method", method]) == 0
    return runs


@pytest.fixture
def reported(report_runs: Path, tmp_path: Path) -> Path:
    """The same, to be changed at will."""
    shutil.copytree(report_runs, tmp_path / "runs")
    return tmp_path / "runs"


@pytest.fixture
def without_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages without figures, which take most of the time, where no test looks at them."""
    monkeypatch.setattr(run_page, "page_figures", lambda *_, **__: ())


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    if PROGRAM is None:
        pytest.skip("no Chromium: install it (Debian: apt install chromium) to test the pages")
    with Browser() as opened:
        yield opened
