"""Images of a run as small pictures in a page, where its images can be read."""

import base64
import dataclasses
import io
import os
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from decouple.config.settings_yaml import from_yaml
from decouple.datasets.data import Data
from decouple.errors import DecoupleError
from decouple.files.run_dir import RunDir
from decouple.files.run_manifest import FEATURES
from decouple.reporting.names import printable
from stage1.prepare import load_for
from stage1.run import require_same_data
from stage1.settings import Stage1Config

MAX_SIDE = 112  # pixels of a picture; smaller images keep their size
PIXELATED_SIDE = 48  # below it, a picture is enlarged without smoothing
WEBP_QUALITY = 80


@dataclass(frozen=True)
class Picture:
    """A small image in a page."""

    address: str  # data URI
    pixelated: bool


@dataclass(frozen=True, eq=False)
class ExampleImages:
    """The images of a run, in the order of its splits."""

    data: Data
    root: str | None  # folder that paths are relative to

    def picture(self, split: str, position: int) -> Picture:
        """Return an image of a split as a picture."""
        return make_picture(self.data.pixels.read(self.data.splits[split][[position]])[0])

    def path(self, split: str, position: int) -> str:
        """Return where an image lies, relative to the folder of the images; "" where it is no file."""
        paths = getattr(self.data.pixels, "paths", None)
        if paths is None:
            return ""
        path = str(paths[int(self.data.splits[split][position])])
        return printable(os.path.relpath(path, self.root) if self.root and path.startswith(self.root) else path)

    def of_class(self, split: str, label: int, count: int) -> list[int]:
        """Return the positions in a split of the first `count` images of a class."""
        positions: list[int] = np.flatnonzero(self.data.labels[self.data.splits[split]] == label)[:count].tolist()
        return positions


def open_example_images(run: RunDir, root: str | None = None) -> ExampleImages | str:
    """Return the images of a run, or in a sentence why there are none.

    Args:
        run: the run.
        root: where the images are now, if they have moved since training.
    """
    if run.read_manifest().kind == FEATURES:
        return "The run was made of features: it has no images."
    config = from_yaml(Stage1Config, run.config)
    config = dataclasses.replace(
        config, root=root or config.root, runs=str(run.path.parent), device="cpu", pretrained=None
    )
    try:
        data = load_for(config)
        require_same_data(run, data)
    except (DecoupleError, OSError) as error:
        message = error.with_flags() if isinstance(error, DecoupleError) else str(error)
        return f"The images cannot be read: {printable(message)}."
    return ExampleImages(data, config.root)


def make_picture(pixels: NDArray[np.uint8]) -> Picture:
    """Return an image (H, W, 3) as a picture of at most 112 pixels a side, in WebP.

    Example:
        >>> make_picture(np.zeros((8, 8, 3), np.uint8)).pixelated
        True
    """
    image, small = Image.fromarray(pixels), max(pixels.shape[:2]) < PIXELATED_SIDE
    image.thumbnail((MAX_SIDE, MAX_SIDE))
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", lossless=small, quality=WEBP_QUALITY, method=4)
    return Picture(f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}", small)
