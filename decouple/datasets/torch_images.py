"""Images of a torch data set, as a data set of this package."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from decouple.checks import require_whole
from decouple.datasets.arrays import ArrayImages, from_arrays
from decouple.datasets.data import TEST, TRAIN, VAL
from decouple.datasets.image_files import square_rgb
from decouple.errors import DataError


class TorchDataset(Protocol):
    """A torch data set of the map style: `len` and items (image, label)."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Any: ...


def from_torch(
    train: TorchDataset,
    *,
    val: TorchDataset | None = None,
    test: TorchDataset | None = None,
    image_size: int,
    class_names: Sequence[str] | None = None,
    flippable: bool = True,
) -> ArrayImages:
    """Return the images of torch data sets as a data set for `decouple.stage1` and `decouple.fit`.

    Every item is read once, in order, so a random transform of the data set acts once; the training here augments by
    itself.

    Args:
        train: items (image, label): a PIL image, uint8 (H, W, 3) or a float tensor (3, H, W) in [0, 1]; a whole number.
        val: the same for validation; without it, a part of `train` is held out.
        test: the same for testing; without it, a part of `train` is held out.
        image_size: side in pixels; the shorter side is scaled to it and the middle square is cut out.
        class_names: C names; default: the attribute `classes` of `train`, else "0", "1" and so on.
        flippable: whether a horizontally flipped image still shows its class.

    Raises:
        DataError: an item is not (image, label), or an image has another form.

    Example:
        >>> items = [(Image.new("RGB", (20, 10), "red"), 0), (Image.new("L", (8, 8)), 1)]
        >>> from_torch(items, image_size=8, class_names=["red", "black"])
        ArrayImages(2 images of 8 x 8, 2 classes; train 2)
    """
    require_whole("image_size", image_size, at_least=1, usual="32 is usual")
    images: list[NDArray[np.uint8]] = []
    labels: list[int] = []
    splits = {}
    for name, dataset in ((TRAIN, train), (VAL, val), (TEST, test)):
        if dataset is not None:
            start = len(images)
            for index in range(len(dataset)):
                image, label = _item(dataset, index, name)
                images.append(square_rgb(image, image_size))
                labels.append(label)
            splits[name] = np.arange(start, len(images))
    names = class_names if class_names is not None else getattr(train, "classes", None)
    return from_arrays(np.stack(images), np.array(labels), class_names=names, splits=splits, flippable=flippable)


def _item(dataset: TorchDataset, index: int, split: str) -> tuple[Image.Image, int]:
    item = dataset[index]
    if not isinstance(item, Sequence) or len(item) != 2:
        raise DataError(f"item {index} of the {split} data set must be (image, label), got {type(item).__name__}")
    image, label = item
    try:
        return as_pil(image), int(label)
    except (TypeError, ValueError):
        raise DataError(
            f"item {index} of the {split} data set must be (image, label) with a whole number as label, got {label!r}"
        ) from None


def as_pil(image: object) -> Image.Image:
    """Return an image in memory as a PIL image.

    Args:
        image: a PIL image; an array (H, W), (H, W, 1) or (H, W, 3), uint8 or floats in [0, 1]; a tensor of this form,
            or (3, H, W) or (1, H, W).

    Raises:
        DataError: it has another form.

    Example:
        >>> as_pil(np.zeros((4, 6, 3))).size
        (6, 4)
    """
    if isinstance(image, Image.Image):
        return image
    array = image.detach().cpu().numpy() if isinstance(image, Tensor) else image
    if not isinstance(array, np.ndarray):
        raise DataError(f"an image must be a PIL image, an array or a tensor, got {type(image).__name__}")
    if isinstance(image, Tensor) and array.ndim == 3 and array.shape[0] in (1, 3):
        array = np.moveaxis(array, 0, -1)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] != 3) or not array.size:
        raise DataError(f"an image must have shape (H, W) or (H, W, 3), a tensor also (3, H, W), got {array.shape}")
    return Image.fromarray(_as_uint8(array))


def _as_uint8(array: NDArray[Any]) -> NDArray[np.uint8]:
    if array.dtype == np.uint8:
        return np.ascontiguousarray(array)
    if np.issubdtype(array.dtype, np.floating) and 0 <= array.min() <= array.max() <= 1:
        scaled: NDArray[np.uint8] = np.rint(array.astype(np.float64) * 255).astype(np.uint8)
        return scaled
    raise DataError(f"an image must be uint8, or floats in [0, 1], got {array.dtype}")
