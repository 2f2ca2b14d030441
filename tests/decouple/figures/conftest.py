"""Two small runs of the same images, with two classifiers of stage two each."""

from collections.abc import Callable
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from decouple.cli import main
from decouple.commands import stage1, stage2
from decouple.figures.named_figure import request_of
from decouple.figures.settings import FigureConfig
from decouple.figures.table import FIGURES
from decouple.files.run_dir import RunDir

SMALL = ["--data", "digits", "--ratio", "20", "--fraction", "0.3", "--epochs", "1", "--batch-size", "16"]
Draw = Callable[..., Figure]


@pytest.fixture(scope="session")
def drawn_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of runs: "a" and "b" of different losses. Not to be changed."""
    runs = tmp_path_factory.mktemp("drawn") / "runs"
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(stage1, "draw_stage1", lambda *_, **__: None)
        monkeypatch.setattr(stage2, "draw_stage2", lambda *_, **__: None)
        for name, loss in (("a", "ce"), ("b", "balanced_softmax")):
            assert main(["stage1", *SMALL, "--loss", loss, "--runs", str(runs), "--name", name]) == 0
            for method in ("tau", "knn"):
                assert main(["stage2", "--run", name, "--runs", str(runs), "--method", method]) == 0
    return runs


@pytest.fixture
def run_a(drawn_runs: Path) -> RunDir:
    """The first run."""
    return RunDir(drawn_runs / "a")


@pytest.fixture
def draw(drawn_runs: Path) -> Draw:
    """Return a function that draws a figure of the runs by its name and options."""

    def draw_by_name(name: str, *runs: str, **options: object) -> Figure:
        config = FigureConfig(name=name, runs=str(drawn_runs), run=runs, **options)  # type: ignore[arg-type]
        return FIGURES[name].draw(request_of(config, FIGURES[name]))

    return draw_by_name
