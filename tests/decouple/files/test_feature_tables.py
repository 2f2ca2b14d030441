import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import save_file

from decouple.errors import ConfigError, DataError
from decouple.files import pandas_tables
from decouple.files.feature_tables import read_feature_table, read_weight_and_bias

ROWS = np.array([[1.0, 2.0], [3.5, -4.0], [0.25, 6.0]], dtype=np.float32)
WHOLE, NAMES = np.array([1, 0, 1]), np.array(["owl", "cat", "owl"])


def _write(path: Path, **arrays: Any) -> Path:
    """Write arrays as the kind of file that the suffix names."""
    if path.suffix == ".npz":
        np.savez(path, **arrays)
    elif path.suffix == ".safetensors":
        save_file({name: torch.from_numpy(array) for name, array in arrays.items()}, path)
    else:
        features = arrays.pop("features")
        columns = {f"f{position}": features[:, position] for position in range(features.shape[1])}
        pd.DataFrame({**columns, **arrays}).to_csv(path, index=False)
    return path


@pytest.mark.parametrize("suffix", ["npz", "safetensors", "csv"])
def test_every_kind_of_file_gives_the_same(tmp_path: Path, suffix: str) -> None:
    result = read_feature_table(_write(tmp_path / f"a.{suffix}", features=ROWS, labels=WHOLE), None)
    np.testing.assert_array_equal(result.features, ROWS)
    assert result.labels.tolist() == [1, 0, 1]
    assert result.labels.dtype == np.int64


@pytest.mark.parametrize("suffix", ["npz", "csv"])
def test_labels_may_be_names_under_another_name(tmp_path: Path, suffix: str) -> None:
    result = read_feature_table(_write(tmp_path / f"a.{suffix}", features=ROWS, bird=NAMES), "bird")
    assert result.labels.tolist() == ["owl", "cat", "owl"]
    assert result.labels.dtype == object


def test_the_only_matrix_is_the_features_and_numbers_are_widened(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.npz", embeddings=ROWS.astype(np.int32), label=WHOLE.astype(np.float32))
    result = read_feature_table(path, None)
    assert result.features.dtype == np.float32
    assert result.labels.tolist() == [1, 0, 1]
    save_file({"x": torch.tensor([[0.5]]).bfloat16(), "labels": torch.tensor([0])}, tmp_path / "b.safetensors")
    assert read_feature_table(tmp_path / "b.safetensors", None).features.tolist() == [[0.5]]


def test_bytes_are_names_in_utf8(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.npz", features=ROWS, labels=np.array([b"owl", "é".encode(), b"owl"]))
    assert read_feature_table(path, None).labels.tolist() == ["owl", "é", "owl"]


def test_a_class_may_have_a_name_that_pandas_takes_for_a_missing_value(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("f0,label\n1.5,NA\n2.5,None\n3.5,null\n")
    assert read_feature_table(tmp_path / "a.csv", None).labels.tolist() == ["NA", "None", "null"]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (",f0,label", "column 1 has no name; write the table without its index"),
        ("label,f0,label", "two columns are called 'label'"),
        ("f0,f0,label", "two columns are called 'f0'"),
    ],
)
def test_columns_must_have_a_name_of_their_own(tmp_path: Path, header: str, message: str) -> None:
    (tmp_path / "a.csv").write_text(f"{header}\n0,1.5,0\n1,2.5,1\n")
    with pytest.raises(DataError, match=message):
        read_feature_table(tmp_path / "a.csv", None)


def test_a_table_without_rows_holds_no_features(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("f0,label\n")
    with pytest.raises(DataError, match="holds no features"):
        read_feature_table(tmp_path / "a.csv", None)


def test_float8_is_refused(tmp_path: Path) -> None:
    save_file({"x": torch.ones(1, 1).to(torch.float8_e4m3fn), "labels": torch.tensor([0])}, tmp_path / "a.safetensors")
    with pytest.raises(DataError, match="store it as float32, float16 or bfloat16"):
        read_feature_table(tmp_path / "a.safetensors", None)


def test_names_of_classes(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.npz", features=ROWS, labels=WHOLE, class_names=np.array(["cat", "owl"]))
    assert read_feature_table(path, None).class_names == ("cat", "owl")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"features": ROWS}, r"holds no 'labels' or 'label'; it holds features\. Name the labels with label"),
        ({"labels": WHOLE}, r"must hold 'features' of shape \(rows, width\), numbers; it holds none"),
        ({"features": ROWS[0], "labels": WHOLE}, r"must hold 'features' .* it holds features \(2,\)"),
        ({"a": ROWS, "b": ROWS, "labels": WHOLE}, r"must hold 'features' .* it holds a \(3, 2\), b \(3, 2\)"),
        ({"features": ROWS, "labels": WHOLE[:2]}, "holds 3 rows of features and 2 labels"),
        ({"features": ROWS[:0], "labels": WHOLE[:0]}, "holds no features"),
        ({"features": ROWS, "labels": WHOLE[:, None]}, r"'labels' must have one dimension, got shape \(3, 1\)"),
        ({"features": ROWS, "labels": WHOLE + 0.5}, "'labels' must hold whole numbers or names, got float64"),
        ({"features": ROWS, "labels": np.array([0, np.nan, 1])}, r"row 1 has no label \(rows count from 0\)"),
        ({"features": ROWS * np.array([[1], [1], [np.inf]]), "labels": WHOLE}, "row 2 holds a value that is infinite"),
        ({"features": ROWS * np.array([[1], [np.nan], [1]]), "labels": WHOLE}, "row 1 holds a value that is infinite"),
        ({"features": ROWS.astype(np.float64) * 1e39, "labels": WHOLE}, "row 0 holds a value that is infinite"),
        ({"features": NAMES[:, None], "labels": WHOLE}, "must hold 'features'"),
        ({"features": ROWS, "labels": np.array([b"a", b"\xff", b"a"])}, "'labels' holds bytes that are not UTF-8"),
        ({"features": ROWS, "labels": WHOLE, "class_names": np.array("ab")}, "'class_names' must have one dimension"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, arrays: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_feature_table(_write(tmp_path / "a.npz", **arrays), None)


def test_a_column_of_texts_is_no_feature(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("f0,path,label\n1.5,a.png,0\n2.5,b.png,1\n")
    with pytest.raises(
        DataError, match="column 'path' does not hold numbers; every column but the labels is a feature"
    ):
        read_feature_table(tmp_path / "a.csv", None)
    (tmp_path / "a.csv").write_text("f0,label\n1.5,0\n,1\n")
    with pytest.raises(DataError, match="row 1 holds a value that is infinite or not a number"):
        read_feature_table(tmp_path / "a.csv", None)


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match=r"unknown type of feature file '\.npy'\. .*Known: .npz, .safetensors, .csv"):
        read_feature_table(tmp_path / "a.npy", None)
    with pytest.raises(DataError, match=r"there is no file .*a\.npz"):
        read_feature_table(tmp_path / "a.npz", None)
    for suffix in ("npz", "safetensors", "csv"):
        path = tmp_path / f"a.{suffix}"
        for content in (b"", b"\x00\xff\xfe no such thing \x93"):
            path.write_bytes(content)
            with pytest.raises(DataError, match=rf"cannot read .*a\.{suffix}: \S|holds no 'labels'"):
                read_feature_table(path, None)
    complete = _write(tmp_path / "b.npz", features=ROWS, labels=WHOLE).read_bytes()
    (tmp_path / "b.npz").write_bytes(complete[:-30])
    with pytest.raises(DataError, match="cannot read"):
        read_feature_table(tmp_path / "b.npz", None)
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    monkeypatch.setattr(pandas_tables, "find_spec", lambda _: None)
    with pytest.raises(ConfigError, match="needs the package pyarrow; install it, or write the features as npz"):
        read_feature_table(tmp_path / "a.parquet", None)


def test_a_pickle_in_an_archive_is_not_run(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", features=ROWS, labels=np.array(["a", 1, None], dtype=object))
    with pytest.raises(DataError, match=r"its array 'labels' holds Python objects, .* such as labels.astype\(str\)"):
        read_feature_table(tmp_path / "a.npz", None)
    (tmp_path / "b.npz").write_bytes(pickle.dumps({"features": ROWS}))
    with pytest.raises(DataError, match="it is damaged, or no npz file; write it again"):
        read_feature_table(tmp_path / "b.npz", None)


@pytest.mark.parametrize("suffix", ["npz", "safetensors"])
def test_a_classifier(tmp_path: Path, suffix: str) -> None:
    weight, bias = read_weight_and_bias(_write(tmp_path / f"a.{suffix}", weight=ROWS, bias=np.array([1.0, 2.0, 3.0])))
    assert weight.tolist() == ROWS.tolist()
    assert bias is not None
    assert bias.tolist() == [1, 2, 3]
    assert read_weight_and_bias(_write(tmp_path / f"b.{suffix}", weight=ROWS))[1] is None


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"bias": WHOLE}, "must be npz or safetensors, with 'weight' of shape"),
        ({"weight": ROWS[0]}, "must be npz or safetensors, with 'weight' of shape"),
        ({"weight": ROWS, "bias": WHOLE[:2]}, r"'bias' must have shape \(3,\) as 'weight' has, got \(2,\)"),
        ({"weight": ROWS.astype(complex)}, "must be npz or safetensors, with 'weight' of shape"),
        ({"weight": ROWS, "bias": NAMES}, "'bias' must hold numbers"),
        ({"weight": ROWS.astype(np.float64) * 1e39}, "the classifier holds a value that is infinite"),
        ({"weight": ROWS * np.nan}, "the classifier holds a value that is infinite or not a number"),
    ],
)
def test_what_is_wrong_with_a_classifier_is_said(tmp_path: Path, arrays: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_weight_and_bias(_write(tmp_path / "a.npz", **arrays))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "latin-1", "utf-16"])
@pytest.mark.parametrize(("delimiter", "sign"), [(",", "."), (";", "."), (";", ","), ("\t", ",")])
def test_tables_of_other_delimiters_encodings_and_decimal_signs(
    tmp_path: Path, encoding: str, delimiter: str, sign: str
) -> None:
    rows = [("f0", "f1", "label"), ("1.5", "-2.25", "M\u00fccke"), ("10", "3.0", "owl")]
    lines = [delimiter.join(row[:2]).replace(".", sign) + delimiter + row[2] for row in rows]
    (tmp_path / "a.csv").write_text("\n".join(lines), encoding=encoding)
    table = read_feature_table(tmp_path / "a.csv", None)
    assert table.features.tolist() == [[1.5, -2.25], [10, 3]]
    assert table.labels.tolist() == ["M\u00fccke", "owl"]


def _write_ids(path: Path, ids: list[int]) -> Path:
    frame = pd.DataFrame({"id": ids, "f0": np.arange(len(ids)) / 4, "label": [row % 2 for row in range(len(ids))]})
    frame.to_csv(path, index=False)
    return path


def test_a_column_that_looks_like_an_id_is_said_and_can_be_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = _write_ids(tmp_path / "a.csv", list(range(100, 112)))
    assert read_feature_table(path, None).features.shape == (12, 2)
    assert "column 'id' holds another whole number in every row" in caplog.text
    assert "leave it out with `drop_columns=id`" in caplog.text
    caplog.clear()
    table = read_feature_table(path, None, ("id",))
    assert table.features[:, 0].tolist() == (np.arange(12) / 4).tolist()
    assert table.columns == ("f0",)
    assert not caplog.records
    read_feature_table(_write_ids(tmp_path / "b.csv", [1, 1] * 6), None, ("row",))
    assert [record.message for record in caplog.records] == [
        f"{tmp_path}/b.csv has no column 'row' that `drop_columns` could leave out"
    ]


def test_columns_in_the_order_of_another_table(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("f0,f1,label\n1,2,0\n")
    (tmp_path / "b.csv").write_text("label,f1,f0\n0,4,3\n")
    (tmp_path / "c.csv").write_text("f0,f2,label\n1,2,0\n")
    first, second, third = (read_feature_table(tmp_path / f"{name}.csv", None) for name in "abc")
    assert first.columns is not None
    assert second.in_order_of(first.columns).features.tolist() == [[3, 4]]
    with pytest.raises(DataError, match=r"c\.csv must have the same columns .*'f1' is in one of the two only\. Leave"):
        third.in_order_of(first.columns)
