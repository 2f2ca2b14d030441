"""Image files of one fixed size, read as they are: nothing is scaled or cut."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decouple.datasets.data import Indices
from decouple.datasets.image_decoding import decode_image
from decouple.datasets.image_files import FilePixels, in_threads
from decouple.errors import DataError


@dataclass(frozen=True)
class UnscaledFiles(FilePixels):
    """Small images in files, each of exactly `size` x `size` pixels; all are cached together, whichever are used."""

    def read(self, indices: Indices) -> NDArray[np.uint8]:
        """Return those images, uint8 (len(indices), size, size, 3).

        Raises:
            DataError: a file is missing, damaged, not an image, or of another size; the message names it.
        """
        images = np.empty((len(indices), self.size, self.size, 3), np.uint8)

        def fill(position: int) -> None:
            images[position] = read_unscaled(self.paths[indices[position]], self.size)

        in_threads(fill, range(len(indices)))
        return images


def read_unscaled(path: str, size: int) -> NDArray[np.uint8]:
    """Return the image in a file, uint8 (size, size, 3).

    Raises:
        DataError: the file is missing, damaged, not an image, or of another size.
    """
    image = decode_image(path, size)
    if image.size != (size, size):
        raise DataError(
            f"{path} has {image.width} x {image.height} pixels, not {size} x {size}; use `data=folder`, which scales"
        )
    return np.asarray(image)
