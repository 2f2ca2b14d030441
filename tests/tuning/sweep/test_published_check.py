"""Published values that nothing stands beside: errors that name the entry or the rows, unless the file says why."""

from pathlib import Path

import pytest

from decouple.errors import ConfigError
from tuning.sweep.grid_file import read_grid_file
from tuning.sweep.published_check import require_published
from tuning.sweep.published_file import COLUMNS

FILE = """
name: x
data: [{name: d, published: {source: s, table: "5.1", dataset: digits}}]
stage1: [{name: ce, published: {stage1: ce}}, {name: bs, loss: balanced_softmax, published: {stage1: bs}}]
stage2: [{method: none, published: {stage2: none}}]
published: p.csv
groups: [3, 4, 3]
"""
ROWS = [
    {"stage1": "ce", "value": "50"},
    {"stage1": "bs", "value": "51"},
    {"stage1": "bs", "split": "tail", "value": "40"},
    {"stage1": "bs", "value": "52", "table": "5.10"},
]


def _check(folder: Path, rows: list[dict[str, str]], text: str = FILE) -> set[str]:
    plain = {"source": "s", "table": "5.1", "dataset": "digits", "stage2": "none", "split": "all", "metric": "top1",
             "unit": "percent"}  # fmt: skip
    lines = [",".join({**plain, **row}.get(name, "") for name in COLUMNS) for row in rows]
    (folder / "p.csv").write_text("\n".join([",".join(COLUMNS), *lines]))
    (folder / "g.yaml").write_text(text)
    matches = require_published(read_grid_file(folder / "g.yaml", "smoke"))
    assert matches is not None
    return {row["value"] for row in matches.matches.values()}


def test_every_row_of_the_table_stands_beside_a_value(tmp_path: Path) -> None:
    assert _check(tmp_path, ROWS) == {"50", "51", "40"}  # 52 is of table 5.10, which the file does not name


@pytest.mark.parametrize(
    ("rows", "change", "sentence"),
    [
        (
            [*ROWS, {"stage1": "bbn", "value": "9"}],
            "",
            "no cell of FILE stands beside 1 published rows (table 5.1: digits, , , , bbn, none, all, top1 9)",
        ),
        (ROWS[:1], "", "'published' of 'bs' (stage1 2 of FILE) fits no row of p.csv: no row has stage1 'bs'."),
        (
            [*ROWS, {"stage1": "bbn", "value": "9"}],
            "unmatched: [{rows: {stage1: bb*, split: all}, reason: no such loss}, {rows: {stage1: x}, reason: y}]\n",
            "entry 2 of 'unmatched' in FILE is needless",
        ),
        (ROWS, "unmatched: [{rows: {stage1: bs}, reason: none}]\n", "entry 1 of 'unmatched' in FILE is needless"),
        (ROWS, "unmatched: [{rows: {stge1: bs}, reason: none}]\n", "unknown column 'stge1' in entry 1 of 'unmatched'"),
        (
            ROWS,
            "unmatched: [{rows: {stage1: bs}}]\n",
            "entry 1 of 'unmatched' in FILE must be {rows: ..., reason: ...}",
        ),
        (ROWS, "unmatched: [more.yaml]\n", "cannot read FOLDER/more.yaml: No such file"),
        (ROWS, "published_metrics: {top2: x}\n", "unknown key 'top2' in published_metrics of FILE"),
    ],
)
def test_what_is_left_over_is_named(rows: list[dict[str, str]], change: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        _check(tmp_path, rows, FILE + change)
    message = str(caught.value).replace(str(tmp_path / "g.yaml"), "FILE").replace(str(tmp_path), "FOLDER")
    assert message.startswith(sentence)


def test_rows_may_be_left_out_with_a_reason_in_the_file_or_in_a_shared_one(tmp_path: Path) -> None:
    rows = [*ROWS, {"stage1": "bbn", "value": "9"}, {"stage1": "oltr", "split": "tail", "value": "8"}]
    (tmp_path / "shared.yaml").write_text(
        "- {rows: {stage1: [oltr, lade]}, reason: not here}\n- {rows: {stage1: other}, reason: not here}\n"
    )
    own = "unmatched: [{rows: {stage1: bbn}, reason: not here}, shared.yaml]\n"
    assert _check(tmp_path, rows, FILE + own) == {"50", "51", "40"}


def test_a_table_number_without_quotes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"must be a text in quotes, since 5\.1 is read as a number"):
        _check(tmp_path, ROWS, FILE.replace('"5.1"', "5.10"))


def test_names_of_splits_and_metrics_there(tmp_path: Path) -> None:
    rows = [
        {"stage1": "ce", "split": "balanced", "metric": "f1", "value": "1"},
        {"stage1": "ce", "split": "tail", "metric": "f1", "value": "2"},
        {"stage1": "ce", "split": "tail", "metric": "loss", "value": "3", "unit": "raw"},
    ]
    text = FILE.replace(", {name: bs, loss: balanced_softmax, published: {stage1: bs}}", "") + (
        "columns: [{split: all, metric: macro_f1},\n"
        "          {split: [tail, long_tailed.tail], metric: [within_weighted_f1, nll]}]\n"
        "published_splits: {all: balanced, long_tailed.tail: tail}\n"
        "published_metrics: {macro_f1: f1, long_tailed.tail/within_weighted_f1: f1, nll: loss}\n"
    )
    # The tail of the balanced test split matches nothing: the name stands for that of the long-tailed one.
    (tmp_path / "p.csv").write_text("")
    assert _check(tmp_path, rows, text) == {"1", "2", "3"}
