"""The class prior where a run is used, as a user names it: train, uniform, or a table in a file."""

import csv
import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from decouple.errors import ConfigError, DataError
from decouple.evaluation.priors import deployment_prior, prior_from_table
from decouple.files.data_record import DataRecord

NAMED_PRIORS = ("train", "uniform")


def read_deployment_prior(prior: str, record: DataRecord) -> NDArray[np.float64]:
    """Return the deployment prior of a run's classes, shape (C,), sum 1.

    Args:
        prior: train (the shares of the training images), uniform, or a file. A .csv file has a row for each class,
            name and share or count, under a row of headings or none; a .json file maps names to shares or counts.
        record: classes and training images of the run.

    Raises:
        ConfigError: it is neither a name nor a file.
        DataError: the file cannot be read, or does not have one value of 0 or more for each class.
    """
    if prior in NAMED_PRIORS:
        return deployment_prior(prior, record.class_counts)
    path = Path(prior)
    if not path.is_file():
        raise ConfigError(f"`prior` must be {', '.join(NAMED_PRIORS)} or a .csv or .json file, got '{prior}'")
    try:
        return prior_from_table(_read_table(path), record.class_names)
    except (UnicodeError, ValueError, csv.Error) as error:
        raise DataError(f"the prior in {path} cannot be read: {error}") from None
    except DataError as error:
        raise DataError(f"{error.message} ({path})") from None


def _read_table(path: Path) -> dict[str, float]:
    text = path.read_text(encoding="utf-8-sig")
    if path.suffix.lower() == ".json":
        return _read_json(text)
    rows = [row for row in csv.reader(text.splitlines()) if row]
    if rows and len(rows[0]) == 2 and not _is_number(rows[0][1]):
        rows = rows[1:]
    for number, row in enumerate(rows, start=1):
        if len(row) != 2 or not _is_number(row[1]):
            raise ValueError(f"entry {number} must be a class and a number, got {','.join(row)!r}")
    return _without_doubles((name, float(value)) for name, value in rows)


def _read_json(text: str) -> dict[str, float]:
    pairs = json.loads(text, object_pairs_hook=list)
    if not isinstance(pairs, list) or not all(
        isinstance(pair, tuple) and isinstance(pair[1], int | float) and not isinstance(pair[1], bool) for pair in pairs
    ):
        raise ValueError("it must map the names of classes to numbers")
    return _without_doubles((name, float(value)) for name, value in pairs)


def _without_doubles(pairs: Iterable[tuple[str, float]]) -> dict[str, float]:
    table: dict[str, float] = {}
    for name, value in pairs:
        if name in table:
            raise ValueError(f"class '{name}' has two values")
        table[name] = value
    return table


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
