"""A tau that was chosen on a companion run, or in another cell."""

import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest

from decouple.config.settings_yaml import from_yaml
from decouple.datasets.arrays import ArrayImages
from decouple.files.run_dir import RunDir
from stage1.settings import Stage1Config
from tests.tuning.sweep.small_sweep import sweep
from tuning.sweep.cells import SweepCell
from tuning.sweep.run import SweepResult

FILE = """
name: carried
pool: shared
data: [{name: noise, data: arrays, root: FILE, val_fraction: 0}]
stage1:
  - {name: plain, loss: ce, weight_decay: 0, epochs: 1}
  - {name: tuned, loss: ce, epochs: 1, tune: {trials: 2, sampler: grid}}
stage2:
  - {name: tau-fifth, method: tau, tau_from: held-out}
  - {name: tau-of-tuned, method: tau, tau_from: {stage1: tuned, stage2: tau-fifth}}
cells: {exclude: [{stage1: tuned, stage2: tau-of-tuned}]}
seeds: 2
"""


def _images(folder: Path) -> Path:
    """Write 20, 10 and 5 training images of three classes, each brighter than the last, and 5 test images of each."""
    labels = np.repeat([0, 1, 2, 0, 1, 2], [20, 10, 5, 5, 5, 5])
    noise = np.random.default_rng(0).integers(0, 90, (50, 8, 8, 3))
    pixels = (noise + 60 * labels[:, None, None, None]).astype(np.uint8)
    splits = {"train": np.arange(35), "test": np.arange(35, 50)}
    return ArrayImages(pixels, labels, ("a", "b", "c"), splits, flippable=False).save(folder)


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> SweepResult:
    folder = tmp_path_factory.mktemp("carried")
    return sweep(folder, FILE.replace("FILE", str(_images(folder))))


def test_tau_of_a_companion_and_of_another_cell(swept: SweepResult) -> None:
    carried = {(row["stage1"], row["stage2"], row["seed"]): row for row in swept.carried}
    assert len(carried) == 6
    for seed in (0, 1):
        fifth, borrowed = carried["tuned", "tau-fifth", seed], carried["plain", "tau-of-tuned", seed]
        assert borrowed["tau"] == fifth["tau"]
        assert borrowed["chosen"] == f"as for {_cell(swept, 'tuned', seed).run}: {fifth['chosen']}"
        assert _entry_tau(swept, "plain", "tau-of-tuned", seed) == fifth["tau"]
        match = re.match(r"balanced accuracy on 20 % of the training images, held out from (\S+), ", fifth["chosen"])
        assert match is not None
        run = RunDir(_cell(swept, "tuned", seed).run_folder)
        companion = RunDir(run.path.parent / match[1])
        ours, theirs = (from_yaml(Stage1Config, settings.config) for settings in (run, companion))
        assert theirs == dataclasses.replace(ours, val_fraction=0.2, name=companion.name)
        images = [record.read_data().images for record in (run, companion)]
        assert images[0]["train"] == images[1]["train"] + images[1]["val"]
        (entry,) = companion.read_stage2("last").values()
        assert entry.selection.values["tau"] == fifth["tau"]  # the best on validation
        assert entry.selection.split == "val"
    assert (swept.states.folder / "tau.md").exists()


def test_a_run_with_validation_images_needs_no_companion(tmp_path: Path) -> None:
    text = """
name: own
data: [{name: digits, data: digits, fraction: 0.2, ratio: 10, val_fraction: 0}]
stage1: [{name: plain, loss: ce, epochs: 1}]
stage2: [{name: tau-fifth, method: tau, tau_from: held-out}]
"""
    (row,) = sweep(tmp_path, text).carried
    assert row["chosen"] == "balanced accuracy on the validation split of digits-plain-s0"
    runs = [path.parent.name for path in (tmp_path / "runs").rglob("run.json")]
    assert runs == ["digits-plain-s0"]


def _cell(swept: SweepResult, stage1: str, seed: int) -> SweepCell:
    return next(cell for cell in swept.cells if (cell.stage1, cell.seed) == (stage1, seed))


def _entry_tau(swept: SweepResult, stage1: str, stage2: str, seed: int) -> object:
    names = (stage1, stage2, seed)
    cell = next(cell for cell in swept.cells if (cell.stage1, cell.stage2, cell.seed) == names)
    return RunDir(cell.run_folder).read_stage2("last")[cell.entry].settings["tau"]
