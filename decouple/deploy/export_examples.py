"""Images on which an exported file is compared with PyTorch: those of the run's data set, or random ones."""

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decouple.config.settings_yaml import from_yaml
from decouple.datasets.data import TEST, TRAIN, Pixels
from decouple.datasets.image_files import FilePixels
from decouple.datasets.table import DATASETS
from decouple.errors import DecoupleError
from decouple.files.run_dir import RunDir
from decouple.lookup import look_up
from decouple.seeding import make_rng
from stage1.settings import Stage1Config

EXAMPLES = 16  # images


@dataclass(frozen=True, eq=False)
class ExampleImages:
    """Images as the network reads them."""

    pixels: NDArray[np.uint8]  # (B, S, S, 3), B at least 2
    description: str  # in words


def example_images(run: RunDir, size: int) -> ExampleImages:
    """Return images of the data set of a run, evenly spaced over its test or training split.

    Where it is not at hand any more, they are random.

    Args:
        run: a run of stage one.
        size: side of its images in pixels.
    """
    try:
        pixels = _read_examples(run, size)
    except (DecoupleError, OSError):  # the images have moved, or one of them is damaged
        pixels = None
    if pixels is not None and pixels.shape[1:] == (size, size, 3):
        return ExampleImages(pixels, f"{len(pixels)} images of the data set")
    rng = make_rng(0, "export examples")
    return ExampleImages(
        rng.integers(0, 256, (EXAMPLES, size, size, 3), dtype=np.uint8),
        f"{EXAMPLES} random images, since those of the run are not there",
    )


def _read_examples(run: RunDir, size: int) -> NDArray[np.uint8]:
    config = from_yaml(Stage1Config, run.config)
    source = look_up(DATASETS, config.data, "data set")(config)
    pixels: Pixels = source.pixels
    if isinstance(pixels, FilePixels):
        pixels = dataclasses.replace(pixels, size=size)
    indices = source.splits.get(TEST, source.splits[TRAIN])
    return pixels.read(indices[np.linspace(0, len(indices) - 1, EXAMPLES).astype(np.int64)])
