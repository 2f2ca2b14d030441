import csv
import io

import numpy as np
import pandas as pd
import pytest

from decouple.files.csv_files import csv_lines, csv_text, escape_formula, unescape_formula

ROWS = [
    {"name": 'a, "b"', "count": 3, "value": 0.1 + 0.2, "gap": None, "flag": True},
    {"name": "c\nd", "count": 10**9, "value": float("nan"), "gap": 1e-05, "flag": False},
    {"name": "", "count": 0, "value": np.float64(100.0), "gap": None, "flag": True},
]


@pytest.mark.parametrize("columns", [None, ["gap", "name"]])
def test_the_text_is_that_of_pandas(columns: list[str] | None) -> None:
    assert csv_text(ROWS, columns) == pd.DataFrame(ROWS, columns=columns).to_csv(index=False)


def test_a_table_without_rows_has_its_header() -> None:
    assert csv_text([], ["a", "b"]) == pd.DataFrame([], columns=["a", "b"]).to_csv(index=False)


HARMFUL = [
    "=1+1",
    "+1-1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "'quoted",
    "''",
    "\uff1d1+1",
    "-",
    "-2.5",
    "+1e5",
    "moth",
    "",
]


@pytest.mark.parametrize("text", HARMFUL)
def test_a_text_that_begins_like_a_formula_is_escaped_and_comes_back(text: str) -> None:
    escaped = escape_formula(text)
    assert unescape_formula(escaped) == text
    harmless = text in ("-", "-2.5", "+1e5", "moth", "")
    assert escaped == (text if harmless else f"'{text}")
    ((back,),) = csv.reader(io.StringIO(csv_lines([[text]]), newline=""))
    assert unescape_formula(back) == text
