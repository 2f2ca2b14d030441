"""From a folder of images to files for others, in Python."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from decouple import api
from decouple.python.run import Run


@pytest.fixture(scope="module")
def moths(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two classes that differ by brightness, 30 and 12 images of 8 x 8 pixels."""
    folder, rng = tmp_path_factory.mktemp("images") / "moths", np.random.default_rng(0)
    for name, count, level in (("dark", 30, 0), ("light", 12, 150)):
        (folder / name).mkdir(parents=True)
        for number in range(count):
            pixels = (level + rng.integers(0, 100, (8, 8, 3))).astype(np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{number}.png")
    return folder


def test_fit_returns_the_recommended_run(moths: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fit = api.fit(moths, pretrained="none", model="resnet20", epochs=1, image_size=8, runs=str(tmp_path), device="cpu")
    assert capsys.readouterr().out == ""
    assert fit.run in fit.runs
    assert fit.run.results.recommended is not None
    assert len(fit.conclusions) == 3
    assert set(fit.frame().index.get_level_values("run")) == {run.name for run in fit.runs}
    assert repr(fit).splitlines()[1] == fit.conclusions[0]
    assert set(fit.run.predict(moths / "light").classes) <= {"dark", "light"}


def test_a_report_is_a_page(runs: Path) -> None:
    page = api.report(api.load("base", runs=runs), no_images=True, map_images=0, no_figure_files=True)
    assert page == runs / "base" / "report.html"
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_export_says_where_and_how_it_was_checked(runs: Path, tmp_path: Path) -> None:
    exported = api.export(Run(api.load("base", runs=runs).folder), format="pt2", out=str(tmp_path / "model.pt2"))
    assert Path(exported.path) == tmp_path / "model.pt2"
    assert exported.difference < 1e-4
    assert exported.method == "none"


def test_evaluate_gives_the_metrics_of_the_run_and_of_a_folder(runs: Path, tmp_path: Path) -> None:
    run = api.load("base", runs=runs)
    evaluation = api.evaluate(run, method="none", device="cpu")
    stored = run.results.stage1["last"].metrics["test"]
    assert evaluation.metrics()["balanced"] == pytest.approx(stored["balanced"])
    assert evaluation.frame()["recall"].tolist() == pytest.approx(stored["per_class"])
    assert repr(evaluation).startswith("Evaluation(none on 200 images of test: balanced accuracy 20.5 % [")
    (tmp_path / "new" / "3").mkdir(parents=True)
    Image.new("RGB", (8, 8)).save(tmp_path / "new" / "3" / "a.png")
    frame = api.evaluate(run, images=str(tmp_path / "new"), device="cpu").frame()
    assert (frame.loc["3", "images"], frame.loc["3", "few_images"]) == (1, True)
