import os

import numpy as np
import pytest
from PIL import Image

from decouple.datasets import path_label_lists
from decouple.datasets.settings import DataConfig
from decouple.errors import DataError


def _images(root, *names):
    for value, name in enumerate(names):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((4, 4, 3), value, np.uint8)).save(root / name)


def _load(folder, train, val=None, test=None, **options):
    lists = {}
    for split, text in {"train": train, "val": val, "test": test}.items():
        if text is not None:
            (folder / f"{split}.txt").write_text(text)
            lists[f"{split}_list"] = str(folder / f"{split}.txt")
    return path_label_lists.load(DataConfig(data="list", **lists, **options))


def test_lists_give_splits_labels_and_images(tmp_path):
    _images(tmp_path, "a.png", "with space.png", "sub/c.png", "d.png", "e.png")
    pool = _load(
        tmp_path,
        "# made by hand\na.png 1\n\nwith space.png\t0\n",
        val="sub/c.png 1\n",
        test=f"  {tmp_path}/d.png   0\n   # and\ne.png 1",
        image_size=4,
    )
    assert pool.class_names == ("0", "1")
    assert {split: pool.labels[indices].tolist() for split, indices in pool.splits.items()} == {
        "train": [1, 0],
        "val": [1],
        "test": [0, 1],
    }
    assert pool.pixels.read(np.arange(5))[:, 0, 0, 0].tolist() == [0, 1, 2, 3, 4]


def test_paths_start_at_the_root_where_one_is_given(tmp_path):
    _images(tmp_path / "images", "a.png", "b.png")
    pool = _load(tmp_path, "a.png 0\nb.png 1\n", root=str(tmp_path / "images"))
    assert pool.pixels.paths == tuple(os.path.join(tmp_path, "images", name) for name in ("a.png", "b.png"))


@pytest.mark.parametrize(
    ("train", "message"),
    [
        ("a.png 0\nb.png\n", r"train\.txt, line 2: expected 'path label', got 'b\.png'"),
        ("a.png 0\n\nb.png x1\n", r"train\.txt, line 3: the label must be a whole number, got 'x1'"),
        ("a.png 0\nb.png 1.0\n", r"train\.txt, line 2: the label must be a whole number, got '1\.0'"),
        ("a.png 0\nb.png 99999999999999999999\n", r"line 2: the label must be a whole number, got '9{20}'"),
        ("# none\na.png -1\nb.png 0\n", r"train\.txt, line 2: the label must be 0 or more, got -1"),
        ("a.png 0\nb.png 2\n", r"train\.txt: class 1 has no training image although labels go up to 2"),
        ("a.png 1\nb.png 2\n", r"train\.txt: class 0 has no training image"),
        ("a.png 0\n\ngone.png 1\n", r"train\.txt, line 3: no image file .*gone\.png; correct the path or root"),
        (
            "a.png 0\nb.png 1\na.png 1\n",
            r"train\.txt, line 3: the image .*a\.png is listed already, .*train\.txt, line 1",
        ),
        ("# nothing\n\n", r"train\.txt lists no image"),
    ],
)
def test_a_faulty_line_is_named(tmp_path, train, message):
    _images(tmp_path, "a.png", "b.png")
    with pytest.raises(DataError, match=message):
        _load(tmp_path, train)


@pytest.mark.parametrize("split", ["val", "test"])
def test_a_label_that_training_does_not_have(tmp_path, split):
    _images(tmp_path, "a.png", "b.png", "c.png")
    with pytest.raises(DataError, match=rf"{split}\.txt, line 1: label 2 in the {split} split is not in .* are 0 to 1"):
        _load(tmp_path, "a.png 0\nb.png 1\n", **{split: "c.png 2\n"})


def test_an_image_in_two_splits(tmp_path):
    _images(tmp_path, "a.png", "b.png")
    with pytest.raises(
        DataError, match=r"test\.txt, line 1: the image .*b\.png is listed already, .*train\.txt, line 2"
    ):
        _load(tmp_path, "a.png 0\nb.png 1\n", test="b.png 1\n")


def test_a_missing_image_is_left_to_the_scan_where_bad_ones_are_skipped(tmp_path):
    _images(tmp_path, "a.png", "b.png")
    assert len(_load(tmp_path, "a.png 0\nb.png 1\ngone.png 1\n", skip_bad_images=True).pixels) == 3


def test_no_list():
    with pytest.raises(DataError, match="list data set needs train_list"):
        path_label_lists.load(DataConfig(data="list"))


def test_a_list_that_does_not_exist(tmp_path):
    with pytest.raises(DataError, match=r"cannot read .*gone\.txt: No such file"):
        path_label_lists.load(DataConfig(data="list", train_list=str(tmp_path / "gone.txt")))


def test_a_list_that_is_no_text(tmp_path):
    (tmp_path / "odd.txt").write_bytes(b"\x00\x01\x80\xff")
    with pytest.raises(DataError, match=r"cannot read .*odd\.txt: it is not a text file; save it as text"):
        path_label_lists.load(DataConfig(data="list", train_list=str(tmp_path / "odd.txt")))
