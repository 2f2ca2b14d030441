"""A sweep with figures, run on a few bundled images."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from decouple.cli import main
from decouple.errors import RunError
from decouple.figures.sweep_source import open_sweep

Run = Callable[..., Any]
GRID = """
name: small
title: Two losses
pool: shared
data: [{name: c10, data: cifar10, profile: exp, ratio: 10}]
stage1: [{name: ce, loss: ce}, {name: bs, loss: balanced_softmax}]
stage2: [{name: joint, method: none}, {name: ncm, method: ncm}]
"""
FIGURES = """
figures:
  - {name: samplers-joint-decoupled, columns: [all/top1, all/balanced]}
  - {name: class-error, stage1: [bs], stage2: [joint, ncm], labels: [Balanced softmax]}
  - {name: class-error, title: both losses}
"""


@pytest.fixture(scope="session")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with small.yaml, and its runs, in the folder runs. Not to be changed."""
    base = tmp_path_factory.mktemp("swept")
    (base / "small.yaml").write_text(GRID + FIGURES)
    assert main(["figure", str(base / "small.yaml"), "--profile-run", "smoke", "--runs", str(base / "runs")]) == 0
    return base


def test_a_file_that_trains_draws_its_figures(swept: Path) -> None:
    folder = swept / "runs" / "small-smoke" / "figures"
    names = ("class-error", "class-error-2", "samplers-joint-decoupled")
    assert {path.name for path in folder.iterdir()} == {f"{name}.{end}" for name in names for end in ("png", "svg")}
    svg = (folder / "class-error.svg").read_text()
    assert "run Balanced softmax" in svg  # one training, so that the legend names the methods
    assert "both losses" in (folder / "class-error-2.svg").read_text()


def test_a_sweep_draws_them_too(swept: Path, tmp_path: Path, decouple: Run) -> None:
    shutil.copytree(swept / "runs", tmp_path / "runs")
    shutil.rmtree(tmp_path / "runs" / "small-smoke" / "figures")
    answer = decouple("sweep", swept / "small.yaml", "--profile-run", "smoke", "--runs", tmp_path / "runs")
    assert answer.code == 0
    assert f"figure: {tmp_path}/runs/small-smoke/figures/class-error-2.png" in answer.out
    assert (tmp_path / "runs" / "small-smoke" / "figures" / "class-error-2.svg").exists()


def test_a_figure_of_the_folder_of_a_sweep(swept: Path, tmp_path: Path, decouple: Run) -> None:
    path = tmp_path / "norms.svg"
    words = ("--sweep", "small-smoke", "--runs", swept / "runs", "--figure", path)
    answer = decouple("figure", "weight-norms", *words, "--stage1", "bs")
    assert answer.code == 0
    text = path.read_text()
    assert "joint" in text
    assert "ncm" in text
    assert "stage one" not in text  # which joint is
    assert decouple("figure", "spread", *words, "--series", "loss").code == 0
    assert "balanced_softmax" in path.read_text()


def test_a_figure_runs_the_sweep_of_a_file(swept: Path, tmp_path: Path, decouple: Run) -> None:
    shutil.copytree(swept / "runs", tmp_path / "runs")
    (tmp_path / "files").mkdir()
    shutil.copyfile(swept / "small.yaml", tmp_path / "files" / "small.yaml")
    path = tmp_path / "figures.yaml"
    path.write_text("figure: spread\nsweep: files/small.yaml\nseries: loss\nwithout: [ce]\n")
    answer = decouple("figure", path, "--profile-run", "smoke", "--runs", tmp_path / "runs")
    assert answer.code == 0
    text = (tmp_path / "runs" / "figures" / "figures.svg").read_text()
    assert "balanced_softmax" in text
    assert ">ce<" not in text


def test_a_collection_is_no_sweep_of_one_figure(swept: Path, tmp_path: Path, decouple: Run) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(GRID.replace("name: small", f"name: {name}"))
    (tmp_path / "all.yaml").write_text("include: [one.yaml, two.yaml]\n")
    answer = decouple("figure", "spread", "--sweep", tmp_path / "all.yaml", "--runs", tmp_path / "runs")
    assert answer.code == 2
    assert "is a collection; name one of its files" in answer.err


@pytest.mark.parametrize(
    ("figure", "message"),
    [
        ("{name: class-eror}", "unknown figure in"),
        ("{name: class-error, stage1: [cd]}", "there is no entry 'cd'. Did you mean 'ce'?"),
        ("{name: class-error, counts: [1, 2]}", "counts has no meaning for the figure class-error"),
        ("{name: class-error, without: [cf]}", "there is no entry 'cf'"),
        ("{name: class-error, run: [a]}", "'run' in figure 1 of"),
        ("{name: class-error, together: 0}", "together must be"),
    ],
)
def test_faults_are_refused_before_anything_is_trained(
    figure: str, message: str, tmp_path: Path, decouple: Run
) -> None:
    (tmp_path / "grid.yaml").write_text(f"{GRID}figures: [{figure}]\n")
    for command in ("figure", "sweep"):
        answer = decouple(command, tmp_path / "grid.yaml", "--profile-run", "smoke", "--runs", tmp_path / "runs")
        assert answer.code == 2
        assert message in answer.err
    assert not (tmp_path / "runs").exists()


def test_faults_of_the_call(tmp_path: Path, decouple: Run) -> None:
    path = tmp_path / "grid.yaml"
    path.write_text(GRID)
    assert "has no figure: name one as 'figure', or list them" in decouple("figure", path).err
    path.write_text(GRID + FIGURES)
    assert "--figure names one file, but" in decouple("figure", path, "--figure", tmp_path / "x.png").err
    assert "--values has no meaning for a file that trains" in decouple("figure", path, "--values", "1").err


def test_a_folder_without_a_sweep(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="there is no sweep in"):
        open_sweep("nothing", str(tmp_path))


def test_a_renamed_folder_is_refused(swept: Path, tmp_path: Path) -> None:
    shutil.copytree(swept / "runs" / "small-smoke", tmp_path / "other")
    with pytest.raises(RunError, match="is not the folder of the sweep in its sweep"):
        open_sweep(str(tmp_path / "other"), str(tmp_path))


def test_unfinished_runs_are_said(swept: Path, tmp_path: Path, decouple: Run) -> None:
    shutil.copytree(swept / "runs" / "small-smoke", tmp_path / "small-smoke")  # without the pool
    answer = decouple("figure", "class-error", "--sweep", tmp_path / "small-smoke", "--runs", tmp_path)
    assert answer.code == 2
    assert "no run of the sweep small in" in answer.err
