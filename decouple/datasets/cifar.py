"""CIFAR-10 and CIFAR-100 (Krizhevsky, 2009), from the files that torchvision stores, or from a folder of images."""

import pickle
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from decouple.datasets.cifar_tree import SIDE, is_cifar_tree, read_cifar_tree
from decouple.datasets.data import TEST, TRAIN, ArrayPixels, SourceImages
from decouple.datasets.settings import DataConfig
from decouple.errors import DataError
from decouple.files.read_errors import reason_of

_DEFAULT_ROOT = "data"
_Batch = tuple[NDArray[np.uint8], NDArray[np.int64]]  # images (N, 32, 32, 3), labels (N,)


@dataclass(frozen=True)
class _Layout:
    """The file names and keys of one of the two data sets."""

    torchvision_name: str
    num_classes: int
    folder: str
    train_files: tuple[str, ...]
    test_file: str
    names_file: str
    labels_key: str
    names_key: str


_CIFAR10 = _Layout(
    torchvision_name="CIFAR10",
    num_classes=10,
    folder="cifar-10-batches-py",
    train_files=tuple(f"data_batch_{i}" for i in range(1, 6)),
    test_file="test_batch",
    names_file="batches.meta",
    labels_key="labels",
    names_key="label_names",
)
_CIFAR100 = _Layout(
    torchvision_name="CIFAR100",
    num_classes=100,
    folder="cifar-100-python",
    train_files=("train",),
    test_file="test",
    names_file="meta",
    labels_key="fine_labels",
    names_key="fine_label_names",
)


def load_cifar10(config: DataConfig) -> SourceImages:
    """Return CIFAR-10, 50,000 training and 10,000 test images, from `config.root` (default: "data").

    The root holds the folder that torchvision stores, cifar-10-batches-py; or else the same images as files in
    train/<class>/ and test/<class>/, see `decouple.datasets.cifar_tree`.

    Raises:
        DataError: a file is missing, damaged or of another format, or the download failed.
    """
    return _load(_CIFAR10, config)


def load_cifar100(config: DataConfig) -> SourceImages:
    """Return CIFAR-100 with its 100 fine labels; sizes and errors as for CIFAR-10."""
    return _load(_CIFAR100, config)


def _load(layout: _Layout, config: DataConfig) -> SourceImages:
    root = Path(config.root or _DEFAULT_ROOT)
    folder = root / layout.folder
    missing = [name for name in _files(layout) if not (folder / name).is_file()]
    if missing and not config.download and not folder.exists() and is_cifar_tree(root):
        return read_cifar_tree(root, layout.num_classes)
    if missing and config.download:
        _download(layout, root)
    elif missing:
        raise DataError(
            f"{folder} has no {missing[0]}: give `root`, the folder that holds {layout.folder} "
            "or the folders train and test with the images of each class, or download the files with `download=True`"
        )
    names = _class_names(folder / layout.names_file, layout.names_key)
    batches = [
        _read_batch(folder / name, layout.labels_key, len(names)) for name in (*layout.train_files, layout.test_file)
    ]
    images, labels = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    num_train = len(labels) - len(batches[-1][1])
    splits = {TRAIN: np.arange(num_train), TEST: np.arange(num_train, len(labels))}
    return SourceImages(ArrayPixels(images), labels, names, splits, flippable=True)


def _files(layout: _Layout) -> tuple[str, ...]:
    return (*layout.train_files, layout.test_file, layout.names_file)


def _class_names(path: Path, key: str) -> tuple[str, ...]:
    names = _entry(_read_pickle(path), key, path)
    if not isinstance(names, list) or not names:
        raise DataError(f"{path} is damaged: '{key}' is not a list of names; download it again with `download=True`")
    return tuple(name.decode("utf-8") if isinstance(name, bytes) else str(name) for name in names)


def _read_batch(path: Path, labels_key: str, num_classes: int) -> _Batch:
    stored = _read_pickle(path)
    pixels, labels = _entry(stored, "data", path), _entry(stored, labels_key, path)
    if not isinstance(labels, list) or any(type(label) is not int or not 0 <= label < num_classes for label in labels):
        raise DataError(f"{path} is damaged: its labels are not whole numbers from 0 to {num_classes - 1}")
    if not isinstance(pixels, np.ndarray) or pixels.dtype != np.uint8 or pixels.shape != (len(labels), 3 * SIDE**2):
        raise DataError(f"{path} is damaged: its images are not uint8 of shape ({len(labels)}, {3 * SIDE**2})")
    images = pixels.reshape(-1, 3, SIDE, SIDE).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(images), np.array(labels, dtype=np.int64)


def _entry(stored: dict[Any, Any], key: str, path: Path) -> Any:
    """Return an entry whose key is text, or bytes as Python 2 wrote it."""
    for variant in (key, key.encode()):
        if variant in stored:
            return stored[variant]
    raise DataError(f"{path} is damaged or not a CIFAR file: it has no '{key}'; download it again with `download=True`")


def _read_pickle(path: Path) -> dict[Any, Any]:
    try:
        with path.open("rb") as file:
            stored = _ArrayUnpickler(file).load()
    except DataError:
        raise
    except Exception as error:  # a damaged pickle can raise any exception
        reason = reason_of(error, "it is damaged, or no CIFAR file")
        raise DataError(f"cannot read {path}: {reason}; download it again with `download=True`") from None
    if not isinstance(stored, dict):
        raise DataError(f"{path} is not a CIFAR file: it holds a {type(stored).__name__}, not a dict")
    return stored


class _ArrayUnpickler(pickle.Unpickler):
    """Unpickler of dicts, lists, text and numpy arrays; a pickle that asks for anything else could run any program."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file, encoding="bytes")
        self._path = file.name

    def find_class(self, module: str, name: str) -> Any:
        """Return one of the few functions that rebuild arrays.

        Raises:
            DataError: the pickle asks for something else.
        """
        if (module, name) not in _ALLOWED:
            raise DataError(
                f"{self._path} is not a CIFAR file: it asks for {module}.{name}, which is refused since it could run "
                "code; download it again with `download=True`"
            )
        return _ALLOWED[module, name]


def _dtype(code: str | bytes, *_: Any) -> np.dtype[Any]:
    # The further arguments of old files (0 and 1 for False and True) make numpy warn, and change nothing here.
    # A copy, because the pickle then sets its byte order, and np.dtype("u1") is shared by the whole process.
    return np.dtype(code.decode("ascii") if isinstance(code, bytes) else code, copy=True)


def _encode(text: str, _: str = "latin1") -> bytes:
    # Python 3 writes bytes this way in protocol 2, always as latin1; other codecs are not offered.
    return text.encode("latin1")


# numpy's own functions, taken from the pickle of an array, since the module that holds them has moved and may again.
_RECONSTRUCT: Any = np.empty(0).__reduce__()[0]
_FROM_BUFFER: Any = np.empty(0).__reduce_ex__(5)[0]

_ALLOWED: dict[tuple[str, str], Callable[..., Any]] = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): _dtype,
    ("_codecs", "encode"): _encode,
    ("numpy.core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy._core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy.core.numeric", "_frombuffer"): _FROM_BUFFER,
    ("numpy._core.numeric", "_frombuffer"): _FROM_BUFFER,
}


def _download(layout: _Layout, root: Path) -> None:
    """Download the files into a temporary folder, and move them into `root` once they are complete."""
    from torchvision import datasets  # only here: it imports torch, which takes seconds

    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=root, prefix=".download-") as temporary:
            getattr(datasets, layout.torchvision_name)(temporary, download=True)
            _move_files(Path(temporary) / layout.folder, root / layout.folder)
    except Exception as error:  # torchvision and urllib raise many types
        reason = " ".join(str(error).split())
        raise DataError(
            f"cannot download {layout.torchvision_name} into {root}: {reason}; "
            f"check the network, or put {layout.folder} there yourself"
        ) from None


def _move_files(source: Path, target: Path) -> None:
    """Move every file, so that an incomplete folder becomes complete."""
    target.mkdir(exist_ok=True)
    for file in source.iterdir():
        file.replace(target / file.name)
