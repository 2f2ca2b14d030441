"""The class prior where a classifier is used, as a user names it: train, uniform, or a file of shares."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decouple.config.prior_option import NAMED_PRIORS, require_prior
from decouple.config.yaml_file import read_yaml
from decouple.errors import DataError
from decouple.evaluation.priors import deployment_prior, prior_from_table
from decouple.files.csv_files import unescape_formula


def named_prior(prior: str, class_names: Sequence[str], class_counts: Sequence[int]) -> NDArray[np.float64]:
    """Return the class prior (C,) that a name or a file stands for; "em" needs images and is none of them.

    A file holds a share or a count for every class: CSV with the columns class and share, JSON or YAML of class: share.

    Args:
        prior: train, uniform, or a path.
        class_names: (C,).
        class_counts: training images per class, (C,).

    Raises:
        ConfigError: it is no name, and no file with one of the endings.
        DataError: the file is missing or damaged, or does not fit the classes.

    Example:
        >>> named_prior("train", ["moth", "bee"], [3, 1])
        array([0.75, 0.25])
    """
    require_prior(prior)
    if prior in NAMED_PRIORS:
        return deployment_prior(prior, class_counts)
    path = Path(prior)
    if not path.is_file():
        raise DataError(f"there is no file {path} of a class prior")
    table = _read_csv(path, class_names) if path.suffix.lower() == ".csv" else _read_mapping(path)
    try:
        return prior_from_table(table, class_names)
    except DataError as error:
        raise DataError(f"{path}: {error.message}") from None


def _read_csv(path: Path, class_names: Sequence[str]) -> dict[str, float]:
    rows = [row for row in csv.reader(_text(path).splitlines()) if any(cell.strip() for cell in row)]
    if rows and not _is_number(rows[0][-1]):  # the header
        rows = rows[1:]
    known = set(class_names)
    table: dict[str, float] = {}
    for row in rows:
        if len(row) != 2:
            raise DataError(f"{path}: a line must hold a class and a share, got {len(row)} columns: {','.join(row)}")
        name = row[0] if row[0] in known else unescape_formula(row[0])
        if name in table:
            raise DataError(f"{path} names the class '{name}' twice")
        table[name] = _share(path, name, row[1])
    return table


def _read_mapping(path: Path) -> dict[str, float]:
    values: Mapping[Any, object]
    if path.suffix.lower() == ".json":
        try:
            values = json.loads(_text(path))
        except ValueError as error:
            raise DataError(f"{path} is no JSON: {error}") from None
        if not isinstance(values, dict):
            raise DataError(f"{path} must hold an object of class: share")
    else:
        values = read_yaml(path)
    return {str(name): _share(path, str(name), value) for name, value in values.items()}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise DataError(f"{path} is not UTF-8 text; save it as UTF-8") from None


def _share(path: Path, name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, str | int | float) or not _is_number(str(value)):
        raise DataError(f"{path}: the share of '{name}' must be a number, got '{value}'")
    return float(value)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
