"""A small run on images of three colours, whose classes have awkward names, and new images of the same colours."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from decouple.files.run_dir import RunDir
from stage1.run import start_run
from stage1.settings import Stage1Config
from stage2.run_methods import run_stage2
from stage2.settings import Stage2Config

NAMES = ("=1+1", 'blue "b"', "grün <script>")  # in the order of their labels
CHANNELS = {"=1+1": 0, 'blue "b"': 2, "grün <script>": 1}


def coloured(name: str, rng: np.random.Generator, size: int = 12) -> Image.Image:
    """Return noise around a random colour that has more of the colour of a class."""
    colour = rng.integers(80, 140, 3)
    colour[CHANNELS[name]] += 40
    return Image.fromarray(rng.normal(colour, 20, (size, size + 2, 3)).clip(0, 255).astype(np.uint8))


def coloured_folder(root: Path, counts: dict[str, int], seed: int = 0) -> Path:
    """Write a folder of images for each class."""
    rng = np.random.default_rng(seed)
    for name, count in counts.items():
        (root / name).mkdir(parents=True)
        for number in range(count):
            coloured(name, rng).save(root / name / f"{number:02}.png")
    return root


@pytest.fixture(scope="session")
def _coloured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("coloured")
    coloured_folder(base / "train", dict(zip(NAMES, (60, 40, 24), strict=True)))
    config = Stage1Config(
        data="folder", root=str(base / "train"), image_size=12, epochs=4, batch_size=8, val_fraction=0.3,
        name="colours", runs=str(base / "runs"), device="cpu", lr=0.05,
    )  # fmt: skip
    run = start_run(config)
    run_stage2(run, Stage2Config(method="logit_adjust", tau=1.0, device="cpu"))
    shutil.rmtree(base / "train")
    return base


@pytest.fixture
def colours(_coloured: Path, tmp_path: Path) -> RunDir:
    """The run, in another place than it was trained in and without its images."""
    shutil.copytree(_coloured / "runs" / "colours", tmp_path / "moved" / "colours")
    return RunDir(tmp_path / "moved" / "colours")


@pytest.fixture(scope="session")
def _new(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return coloured_folder(tmp_path_factory.mktemp("new") / "new", dict(zip(NAMES, (6, 5, 4), strict=True)), seed=1)


@pytest.fixture
def new(_new: Path, tmp_path: Path) -> Path:
    """A folder of 6, 5 and 4 new images of the three classes."""
    shutil.copytree(_new, tmp_path / "new")
    return tmp_path / "new"
