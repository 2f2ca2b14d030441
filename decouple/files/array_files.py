"""Files of named arrays: npz, safetensors, csv and parquet."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from decouple.errors import DataError
from decouple.files.read_errors import reason_of
from decouple.lookup import look_up

Array = NDArray[Any]


def read_arrays(path: Path) -> dict[str, Array]:
    """Return the arrays of an npz or safetensors file, or the columns of a csv or parquet file, by name.

    Raises:
        ConfigError: the file type is not known, or its reader is not installed.
        DataError: the file is missing, damaged, or holds Python objects, which could run code.
    """
    reader = look_up(READERS, path.suffix.lower(), "type of feature file")
    if not path.is_file():
        raise DataError(f"there is no file {path}")
    try:
        return reader(path)
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, SafetensorError) as error:
        otherwise = f"it is damaged, or no {path.suffix.removeprefix('.')} file; write it again"
        raise DataError(f"cannot read {path}: {reason_of(error, otherwise)}") from None


def _read_npz(path: Path) -> dict[str, Array]:
    with path.open("rb") as file:  # numpy does not close a damaged file
        archive = np.load(file, allow_pickle=False)
        if not isinstance(archive, np.lib.npyio.NpzFile):
            raise ValueError("it holds one array, not an archive of named arrays; save it with numpy.savez")
        return {name: _array(archive, name) for name in archive.files}


def _array(archive: np.lib.npyio.NpzFile, name: str) -> Array:
    try:
        array: Array = archive[name]
    except ValueError as error:
        if "allow_pickle" not in str(error):
            raise
        raise ValueError(
            f"its array '{name}' holds Python objects, which are not read since they can run code; "
            f"save numbers or texts, such as {name}.astype(str)"
        ) from None
    return array


def _read_safetensors(path: Path) -> dict[str, Array]:
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    wide = {torch.bfloat16: torch.float32}  # numpy has no bfloat16
    try:
        return {name: tensor.to(wide.get(tensor.dtype, tensor.dtype)).numpy() for name, tensor in tensors.items()}
    except TypeError as error:  # float8
        raise ValueError(f"{error}; store it as float32, float16 or bfloat16") from None


def _read_csv(path: Path) -> dict[str, Array]:
    from decouple.files.pandas_tables import read_csv  # pandas takes half a second to import

    return read_csv(path)


def _read_parquet(path: Path) -> dict[str, Array]:
    from decouple.files.pandas_tables import read_parquet  # likewise

    return read_parquet(path)


READERS: dict[str, Callable[[Path], dict[str, Array]]] = {
    ".npz": _read_npz,
    ".safetensors": _read_safetensors,
    ".csv": _read_csv,
    ".parquet": _read_parquet,
    ".tsv": _read_csv,
}
_TABLE_ENDINGS = (".csv", ".tsv", ".parquet")


def is_table(path: Path) -> bool:
    """Return whether the arrays of a file are the columns of a table."""
    return path.suffix.lower() in _TABLE_ENDINGS
