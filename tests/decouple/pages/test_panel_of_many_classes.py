"""The live panel where a page cannot hold all scores: the classes that a row leaves out, and a part of the images."""

from pathlib import Path

import numpy as np
import pytest

from decouple.cli import main
from decouple.files.run_dir import RunDir
from decouple.pages import panel_data, run_page
from decouple.pages.live_panel import PanelPosition, exact_outcome
from decouple.pages.panel_data import sample_images
from decouple.pages.run_source import open_run_source
from tests.decouple.pages.browser import Browser
from tests.decouple.pages.panel_driver import expected_values, move, shown_values

CLASSES, WIDTH = 60, 16


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    folder, rng = tmp_path_factory.mktemp("many"), np.random.default_rng(0)
    means = rng.normal(size=(CLASSES, WIDTH))
    counts = {
        "train": np.maximum(2, 150 - 3 * np.arange(CLASSES)),
        "val": np.full(CLASSES, 4),
        "test": np.full(CLASSES, 20),
    }
    for split, images in counts.items():
        labels = np.repeat(np.arange(CLASSES), images)
        features = (means[labels] + rng.normal(size=(len(labels), WIDTH))).astype(np.float32)
        np.savez(folder / f"{split}.npz", features=features, labels=labels)
    bias = -(means**2).sum(axis=1) / 2 + np.log(counts["train"] / counts["train"].sum())
    np.savez(folder / "weight.npz", weight=means.astype(np.float32), bias=bias.astype(np.float32))
    files = [f"--{name}={folder / file}.npz" for name, file in (
        ("features", "train"), ("val-features", "val"), ("test-features", "test"), ("weight", "weight")
    )]  # fmt: skip
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr("decouple.commands.stage2.draw_stage2", lambda *_, **__: None)
        assert main(["stage2", *files, "--name", "many", "--runs", str(folder), "--method", "ncm"]) == 0
    return RunDir(folder / "many")


@pytest.mark.parametrize("budget", [60_000, 4_000_000])
def test_the_page_agrees_with_python_on_the_images_that_it_holds(
    run: RunDir, budget: int, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(panel_data, "MAX_PANEL_BYTES", budget)
    monkeypatch.setattr(run_page, "page_figures", lambda *_, **__: ())
    path = tmp_path / "many.html"
    assert main(["report", str(run.path), "--out", str(path), "--no-figure-files"]) == 0
    source = open_run_source(run)
    labels = source.test.labels.numpy()
    images = sample_images(labels, CLASSES, 2)
    assert (len(images) < len(labels)) == (budget == 60_000)
    browser.open(path)
    for position in (
        PanelPosition(),
        PanelPosition(tau=0.8, threshold=0.4),
        PanelPosition(tau=1.85, prior=-0.35),
        PanelPosition(prior=-0.65, follow=True, threshold=0.5),
    ):
        for number, entry in enumerate(source.classifiers):
            log_probs = entry.calibrated.log_probabilities(source.test.features[images])
            prior, groups = entry.calibrated.assumed_prior, source.record.groups
            exact = exact_outcome(log_probs, labels[images], source.shares, prior, groups, position)
            move(browser, position, number)
            assert shown_values(browser) == pytest.approx(expected_values(exact), abs=0.1)
