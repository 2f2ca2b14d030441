"""Feature files that pandas reads: csv and parquet. Imported for such a file only: importing pandas takes 0.5 s."""

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from decouple.errors import ConfigError
from decouple.files.text_files import decode_file, delimiter_of

_SAMPLE = 2**16  # characters in which a decimal comma is looked for
_DECIMAL_COMMA = re.compile(r"(?:^|[;\t|])\s*-?\d+,\d+(?:[eE][-+]?\d+)?\s*(?:$|[;\t|])", re.MULTILINE)


def read_csv(path: Path) -> dict[str, NDArray[Any]]:
    """Return the columns of a table with a header line; delimiter and encoding: see `decouple.files.text_files`.

    Where semicolons or tabs separate the columns, the decimal sign may be a comma.

    Raises:
        ValueError: a column has no name, or the name of another.
        DataError: the file is not text.
    """
    text, encoding = decode_file(path)
    delimiter = delimiter_of(text)
    decimal_sign = "," if delimiter != "," and _DECIMAL_COMMA.search(text[:_SAMPLE]) else "."
    del text  # it may be large
    header = pd.read_csv(path, header=None, nrows=1, dtype=str, sep=delimiter, encoding=encoding).iloc[0]
    if header.isna().any():  # read as a row: pandas would rename some
        raise ValueError(f"column {int(header.isna().argmax()) + 1} has no name; write the table without its index")
    if header.duplicated().any():
        raise ValueError(f"two columns are called '{header[header.duplicated()].iloc[0]}'")
    # A class may be called NA, None or null, which pandas would take for a missing label.
    table = pd.read_csv(
        path,
        sep=delimiter,
        encoding=encoding,
        decimal=decimal_sign,
        low_memory=False,
        keep_default_na=False,
        na_values=["", "nan", "NaN"],
    )
    return _as_arrays(table)


def read_parquet(path: Path) -> dict[str, NDArray[Any]]:
    """Return the columns of a parquet file.

    Raises:
        ConfigError: pyarrow is not installed.
    """
    if find_spec("pyarrow") is None:
        raise ConfigError(f"reading {path} needs the package pyarrow; install it, or write the features as npz")
    return _as_arrays(pd.read_parquet(path))


def _as_arrays(table: pd.DataFrame) -> dict[str, NDArray[Any]]:
    """Return the columns as arrays; a missing entry of a column of objects is None."""
    columns = {str(name): table[name] for name in table.columns}
    arrays = {name: column.to_numpy() for name, column in columns.items()}
    return {
        name: columns[name].astype(object).where(columns[name].notna(), None).to_numpy()
        if array.dtype == object
        else array
        for name, array in arrays.items()
    }
