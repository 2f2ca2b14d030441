"""The class prior where a run is used, as a user names it: train, uniform, or a table in a file."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from decouple.config.prior_option import NAMED_PRIORS, PRIOR_ENDINGS, is_written_out
from decouple.config.yaml_file import read_yaml
from decouple.errors import ConfigError, DataError
from decouple.evaluation.priors import deployment_prior, prior_from_table
from decouple.files.csv_files import unescape_formula
from decouple.files.data_record import DataRecord
from decouple.files.text_files import delimiter_of, read_text


def read_deployment_prior(prior: str, record: DataRecord) -> NDArray[np.float64]:
    """Return the deployment prior of a run's classes, shape (C,), sum 1.

    Args:
        prior: train (the shares of the training images), uniform, or a file. A .csv file has a row for each class,
            name and share or count, under a row of headings or none; a .json or .yaml file maps names to them. A text
            that begins with "{" is the content of a .json file.
        record: classes and training images of the run.

    Raises:
        ConfigError: it is neither a name nor a file.
        DataError: the file cannot be read, or does not have one value of 0 or more for each class.
    """
    if prior in NAMED_PRIORS:
        return deployment_prior(prior, record.class_counts)
    if is_written_out(prior):
        return _prior_of(lambda: _read_json(prior), record, "given as a mapping")
    path = Path(prior)
    if path.suffix.lower() in PRIOR_ENDINGS and not path.exists():
        raise DataError(f"there is no file {path} of a class prior")
    if not path.is_file():
        raise ConfigError(f"`prior` must be {', '.join(NAMED_PRIORS)} or a .csv, .json or .yaml file, got '{prior}'")
    return _prior_of(lambda: _read_table(path), record, f"in {path}")


def _prior_of(read: Callable[[], dict[str, float]], record: DataRecord, source: str) -> NDArray[np.float64]:
    try:
        return prior_from_table(_named(read(), record.class_names), record.class_names)
    except (ValueError, csv.Error) as error:
        raise DataError(f"the prior {source} cannot be read: {error}") from None
    except DataError as error:
        raise DataError(f"{error.message} ({source})") from None


def _read_table(path: Path) -> dict[str, float]:
    if path.suffix.lower() in (".yaml", ".yml"):
        return _as_numbers([(str(name), value) for name, value in read_yaml(path).items()])
    text = read_text(path)
    if path.suffix.lower() == ".json":
        return _read_json(text)
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text)) if row]
    if rows and len(rows[0]) == 2 and not _is_number(rows[0][1]):
        rows = rows[1:]
    for number, row in enumerate(rows, start=1):
        if len(row) != 2 or not _is_number(row[1]):
            raise ValueError(f"entry {number} must be a class and a number, got {','.join(row)!r}")
    return _without_doubles((name, float(value)) for name, value in rows)


def _read_json(text: str) -> dict[str, float]:
    return _as_numbers(json.loads(text, object_pairs_hook=list))


def _as_numbers(pairs: object) -> dict[str, float]:
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


def _named(table: dict[str, float], class_names: Sequence[str]) -> dict[str, float]:
    """Return the table without the apostrophes that CSV files of this program have before names such as "=1"."""
    known = set(class_names)
    return {name if name in known else unescape_formula(name): value for name, value in table.items()}


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
