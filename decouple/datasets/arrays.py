"""Images of the user's own program: arrays, stored in a file that commands and later processes read too."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from decouple.checks import require_flag, require_mapping, require_shape
from decouple.datasets.data import TEST, TRAIN, VAL, ArrayPixels, Indices, SourceImages
from decouple.datasets.settings import DataConfig
from decouple.errors import DataError
from decouple.files.atomic import replacing
from decouple.files.json_records import parse_record, record_to_json
from decouple.files.read_errors import reason_of

SPLITS = (TRAIN, VAL, TEST)
_METADATA = "decouple"  # key of the metadata in the header of the file


@dataclass(frozen=True)
class ArrayImages:
    """Labelled images in memory, made by `from_arrays` or `decouple.datasets.torch_images.from_torch`.

    Attributes:
        pixels: uint8 (N, height, width, 3), height = width.
        labels: int64 (N,), 0 to C-1.
        class_names: C names.
        splits: train, and perhaps val and test -> indices of images; a split that is missing is held out.
        flippable: whether a horizontally flipped image still shows its class.
    """

    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    splits: Mapping[str, Indices]
    flippable: bool

    def __repr__(self) -> str:
        side = self.pixels.shape[1]
        parts = ", ".join(f"{name} {len(indices):,}" for name, indices in self.splits.items())
        return f"ArrayImages({len(self.pixels):,} images of {side} x {side}, {len(self.class_names)} classes; {parts})"

    def save(self, folder: Path) -> Path:
        """Write the images into a file of `folder` whose name is a hash of the content; return its path.

        ``--data arrays --root FILE`` reads it on the command line.
        """
        path = folder / f"{self._content_hash()}.safetensors"
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            splits = {f"split.{name}": indices for name, indices in self.splits.items()}
            metadata = ArraysMetadata(class_names=self.class_names, flippable=self.flippable)
            text = json.dumps(record_to_json(metadata))
            with replacing(path) as temporary:
                save_file({"pixels": self.pixels, "labels": self.labels, **splits}, temporary, {_METADATA: text})
        return path

    def _content_hash(self) -> str:
        digest = hashlib.blake2b(digest_size=16)
        digest.update(repr((self.pixels.shape, self.class_names, self.flippable, list(self.splits))).encode())
        for array in (self.pixels, self.labels, *self.splits.values()):
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()


@dataclass(frozen=True, kw_only=True)
class ArraysMetadata:
    """The metadata beside the tensors of a file of images."""

    class_names: tuple[str, ...]
    flippable: bool


def from_arrays(
    images: ArrayLike,
    labels: ArrayLike,
    *,
    class_names: Sequence[str] | None = None,
    splits: Mapping[str, ArrayLike] | None = None,
    flippable: bool = True,
) -> ArrayImages:
    """Return images of arrays as a data set for `decouple.stage1` and `decouple.fit`.

    Args:
        images: square, all of one size: (N, H, H), (N, H, H, 1) or (N, H, H, 3); uint8, or floats in [0, 1].
        labels: (N,) whole numbers from 0, or names of classes.
        class_names: of label 0, 1 and so on; default: "0", "1" ..., or the names in `labels`, sorted.
        splits: train, val, test -> indices of images or a mask; default: all are for training, and a test and a
            validation split are held out.
        flippable: whether a horizontally flipped image still shows its class; False for digits and letters.

    Raises:
        DataError: shapes, types or labels do not fit, or the splits share an image.

    Example:
        >>> images = from_arrays(np.zeros((4, 8, 8), np.uint8), ["moth", "wasp", "moth", "moth"])
        >>> images
        ArrayImages(4 images of 8 x 8, 2 classes; train 4)
        >>> images.labels, images.class_names
        (array([0, 1, 0, 0]), ('moth', 'wasp'))
    """
    require_flag("flippable", flippable)
    pixels = _as_pixels(np.asarray(images))
    numbers, names = _as_labels(np.asarray(labels), class_names)
    if len(numbers) != len(pixels):
        raise DataError(f"`labels` must have one entry an image: {len(pixels)}, got {len(numbers)}")
    given = {TRAIN: np.arange(len(pixels))} if splits is None else _as_splits(splits, len(pixels))
    return ArrayImages(pixels, numbers, names, given, flippable)


def load(config: DataConfig) -> SourceImages:
    """Return the images in the file `config.root`, which `ArrayImages.save` wrote.

    Raises:
        DataError: no file is named, or it is missing or damaged.
    """
    if config.root is None:
        raise DataError("the arrays data set needs `root`: a file that `decouple.stage1(data=...)` has written")
    path = Path(config.root)
    try:
        arrays, values = _read(path)
    except FileNotFoundError:
        raise DataError(f"there is no file {path} of images; give the arrays again in Python") from None
    except (SafetensorError, KeyError, ValueError, OSError) as error:
        reason = reason_of(error, "it lacks an array, or is cut off")
        raise DataError(
            f"{path} is damaged, or no file of images of decouple: {reason}; give the arrays again"
        ) from None
    metadata = parse_record(ArraysMetadata, values, path)
    return SourceImages(
        pixels=ArrayPixels(arrays["pixels"]),
        labels=arrays["labels"],
        class_names=metadata.class_names,
        splits={name: arrays[f"split.{name}"] for name in SPLITS if f"split.{name}" in arrays},
        flippable=metadata.flippable,
    )


def _read(path: Path) -> tuple[dict[str, NDArray[Any]], dict[str, object]]:
    with safe_open(path, framework="numpy") as file:
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
        metadata: dict[str, object] = json.loads(file.metadata()[_METADATA])
    return arrays, metadata


def _as_pixels(images: NDArray[np.generic]) -> NDArray[np.uint8]:
    if images.ndim == 3:
        images = images[..., None]
    require_shape("images", images, ("N", "H", "W", "channels"))
    _, height, width, channels = images.shape
    if height != width or channels not in (1, 3) or not len(images):
        raise DataError(
            f"`images` must have shape (N, H, H), (N, H, H, 1) or (N, H, H, 3), got {images.shape}; "
            "crop or scale them to squares, channels last"
        )
    if images.dtype != np.uint8:
        images = _scaled(images)
    return np.ascontiguousarray(np.broadcast_to(images, (*images.shape[:3], 3)), dtype=np.uint8)


def _scaled(images: NDArray[np.generic]) -> NDArray[np.uint8]:
    if not np.issubdtype(images.dtype, np.floating):
        raise DataError(f"`images` must be uint8, or floats in [0, 1], got {images.dtype}")
    low, high = float(images.min()), float(images.max())
    if not 0 <= low <= high <= 1:  # NaN fails too
        raise DataError(f"`images` of floats must be in [0, 1], got {low:g} to {high:g}; undo their normalisation")
    scaled: NDArray[np.uint8] = np.rint(images.astype(np.float64) * 255).astype(np.uint8)
    return scaled


def _as_labels(
    labels: NDArray[np.generic], class_names: Sequence[str] | None
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    require_shape("labels", labels, ("N",))
    if labels.dtype.kind in "UO":
        return _as_named_labels([str(label) for label in labels.tolist()], class_names)
    if labels.dtype.kind not in "iu":
        raise DataError(f"`labels` must be whole numbers or names of classes, got {labels.dtype}")
    numbers = labels.astype(np.int64)
    highest = int(numbers.max(initial=0))
    names = tuple(map(str, range(highest + 1))) if class_names is None else tuple(class_names)
    if numbers.min(initial=0) < 0 or highest >= len(names):
        raise DataError(f"`labels` must be between 0 and {len(names) - 1}, got {int(numbers.min())} to {highest}")
    return numbers, names


def _as_named_labels(
    labels: Sequence[str], class_names: Sequence[str] | None
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    names = tuple(sorted(set(labels)) if class_names is None else class_names)
    index = {name: number for number, name in enumerate(names)}
    unknown = next((label for label in labels if label not in index), None)
    if unknown is not None:
        raise DataError(f"`labels` has '{unknown}', which is not in `class_names`: {', '.join(names)}")
    return np.array([index[label] for label in labels], dtype=np.int64), names


def _as_splits(splits: Mapping[str, ArrayLike], num_images: int) -> dict[str, Indices]:
    require_mapping("splits", splits)
    if TRAIN not in splits or set(splits) - set(SPLITS):
        raise DataError(f"`splits` must name train, and perhaps val and test, got {', '.join(map(str, splits))}")
    chosen = {name: _as_indices(name, np.asarray(splits[name]), num_images) for name in SPLITS if name in splits}
    counts = np.bincount(np.concatenate(list(chosen.values())), minlength=1)
    if counts.max() > 1:
        raise DataError(f"`splits` must share no image, but image {int(counts.argmax())} is in them twice")
    return chosen


def _as_indices(name: str, values: NDArray[np.generic], num_images: int) -> Indices:
    require_shape(f"splits.{name}", values, ("N",))
    if values.dtype == np.bool_ and len(values) == num_images:
        return np.flatnonzero(values)
    if not np.issubdtype(values.dtype, np.integer) or not len(values):
        raise DataError(f"`splits.{name}` must be indices of images, or a mask of {num_images}, got {values.dtype}")
    indices = values.astype(np.int64)
    if indices.min() < 0 or indices.max() >= num_images:
        raise DataError(f"`splits.{name}` must hold indices from 0 to {num_images - 1}")
    return indices
