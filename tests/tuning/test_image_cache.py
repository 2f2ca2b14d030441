import dataclasses
import shutil

import numpy as np
import pytest
from PIL import Image

from decouple.config.settings_yaml import to_yaml
from decouple.datasets import image_files
from decouple.errors import ConfigError
from decouple.files.new_run import create_run
from stage1.prepare import load_for
from stage1.settings import Stage1Config
from tuning.settings import WeightDecayConfig
from tuning.trial_training import run_settings


@pytest.fixture
def config(tmp_path):
    for number in range(20):
        path = tmp_path / "images" / "ab"[number % 2] / f"{number:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (4, 4), (number, 0, 0)).save(path)
    return Stage1Config(data="folder", root=str(tmp_path / "images"), runs=str(tmp_path / "runs"), image_size=4)


def test_stage_one_keeps_decoded_images_beside_its_runs(config, tmp_path):
    data = load_for(config)
    assert isinstance(data.pixels.array.base, np.memmap)
    assert len(list((tmp_path / "runs" / ".cache").glob("*.npy"))) == 1


def test_no_image_cache_makes_no_folder(config, tmp_path):
    data = load_for(dataclasses.replace(config, no_image_cache=True))
    assert data.fingerprint == load_for(config).fingerprint
    shutil.rmtree(tmp_path / "runs")
    load_for(dataclasses.replace(config, no_image_cache=True))
    assert not (tmp_path / "runs").exists()


def test_no_image_cache_is_refused_where_there_is_none():
    with pytest.raises(ConfigError, match="no_image_cache has no meaning for data=digits; it is for folder, list"):
        Stage1Config(no_image_cache=True)


def test_runs_that_have_moved_take_their_cache_along(config, tmp_path, monkeypatch):
    run = create_run(tmp_path / "runs", "one", "", lambda draft: draft.config.write_text(to_yaml(config)))
    before = load_for(config)
    (tmp_path / "runs").rename(tmp_path / "moved")
    monkeypatch.setattr(image_files, "read_image", None)  # nothing is decoded
    moved = dataclasses.replace(run, path=tmp_path / "moved" / "one")
    assert load_for(run_settings(moved, WeightDecayConfig())).fingerprint == before.fingerprint
    assert not (tmp_path / "runs").exists()
