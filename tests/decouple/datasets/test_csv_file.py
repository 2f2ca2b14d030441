import numpy as np
import pytest
from PIL import Image

from decouple.datasets import csv_file
from decouple.datasets.settings import DataConfig
from decouple.errors import DataError


def _load(root, text, images="abcde", **options):
    for value, name in enumerate(images):
        Image.fromarray(np.full((4, 4, 3), value, np.uint8)).save(root / f"{name}.png")
    (root / "set.csv").write_text(text, encoding="utf-8")
    return csv_file.load(DataConfig(data="csv", csv=str(root / "set.csv"), **options))


def _labels(pool):
    return {split: pool.labels[indices].tolist() for split, indices in pool.splits.items()}


def test_rows_give_splits_labels_and_images(tmp_path):
    text = 'path,note,label,split\na.png,x,dog,train\nb.png,"x,y",cat,\nc.png,,cat,val\nd.png,,dog,test\ne.png,,dog,\n'
    pool = _load(tmp_path, text, image_size=4)
    assert pool.class_names == ("cat", "dog")
    assert _labels(pool) == {"train": [1, 0, 1], "val": [0], "test": [1]}
    assert pool.pixels.read(pool.splits["train"])[:, 0, 0, 0].tolist() == [0, 1, 4]


def test_without_a_split_column_everything_is_for_training(tmp_path):
    assert _labels(_load(tmp_path, "label,path\nx,a.png\ny,b.png\n")) == {"train": [0, 1]}


def test_whole_numbers_sort_as_numbers_and_anything_else_as_text(tmp_path):
    assert _load(tmp_path, "path,label\na.png,10\nb.png,9\nc.png,-1\n").class_names == ("-1", "9", "10")
    assert _load(tmp_path, "path,label\na.png,10\nb.png,9\nc.png,x\n").class_names == ("10", "9", "x")


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path):
    assert _labels(_load(tmp_path, "\ufeffpath,label\r\na.png,x\r\nb.png,y\r\n")) == {"train": [0, 1]}


def test_paths_start_at_the_root_where_one_is_given(tmp_path):
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "set.csv").write_text("path,label\na.png,x\nb.png,y\n")
    for name in "ab":
        Image.new("RGB", (4, 4)).save(tmp_path / f"{name}.png")
    config = DataConfig(data="csv", csv=str(tmp_path / "lists" / "set.csv"), root=str(tmp_path))
    assert len(csv_file.load(config).pixels) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("file,label\na.png,x\n", r"set\.csv, line 1: no column 'path'; the first line must be"),
        ("path,split\na.png,train\n", r"set\.csv, line 1: no column 'label'"),
        ("", r"set\.csv, line 1: no column 'path'"),
        ("path,label\na.png,x\n,y\n", r"set\.csv, line 3: the path is empty"),
        ("path,label\na.png,x\nb.png\n", r"set\.csv, line 3: the label is empty"),
        (
            "path,label,split\na.png,x,trian\n",
            r"set\.csv, line 2: the split must be train, val or test, got 'trian'. Did you mean 'train'",
        ),
        ("path,label,split\na.png,x,val\n", r"set\.csv lists no training image"),
        (
            "path,label,split\na.png,x,\nb.png,y,\nc.png,z,test\n",
            r"set\.csv, line 4: class 'z' of the test split has no training image",
        ),
        ("path,label\na.png,x\ngone.png,y\n", r"set\.csv, line 3: no image file .*gone\.png"),
        (
            "path,label,split\na.png,x,\nb.png,y,\nb.png,y,val\n",
            r"set\.csv, line 4: the image .*b\.png is listed already, .*set\.csv, line 3; no image may",
        ),
        ("path,label\na.png,x\n" + "b" * 200_000 + ",y\n", r"set\.csv, line 3: field larger than field limit"),
    ],
)
def test_a_faulty_line_is_named(tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        _load(tmp_path, text)


def test_no_csv():
    with pytest.raises(DataError, match="csv data set needs csv"):
        csv_file.load(DataConfig(data="csv"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_tables_of_spreadsheets(tmp_path, encoding, delimiter):
    for name in ("1.png", "2.png", "3.png"):
        Image.new("RGB", (4, 4)).save(tmp_path / name)
    rows = [
        ("Path", " Label", "SPLIT"),
        ("1.png", "M\u00fccke", "Training"),
        ("2.png", "b", ""),
        ("3.png", "b", "Test"),
    ]
    (tmp_path / "a.csv").write_text("\r\n".join(delimiter.join(row) for row in rows), encoding=encoding, newline="")
    source = csv_file.load(DataConfig(data="csv", csv=str(tmp_path / "a.csv")))
    assert source.class_names == ("M\u00fccke", "b")
    assert source.splits["test"].tolist() == [2]
