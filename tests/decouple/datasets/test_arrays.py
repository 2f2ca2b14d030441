"""Images in memory: shapes, labels, splits, and the file that other processes read."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import TensorDataset

import decouple.datasets
from decouple.datasets.arrays import from_arrays
from decouple.datasets.load import load_data
from decouple.datasets.settings import DataConfig
from decouple.datasets.torch_images import as_pil, from_torch
from decouple.errors import DataError

PIXELS = np.arange(4 * 2 * 2, dtype=np.uint8).reshape(4, 2, 2)


def test_grey_images_get_three_equal_channels() -> None:
    images = from_arrays(PIXELS, [0, 1, 1, 0])
    assert images.pixels.shape == (4, 2, 2, 3)
    assert images.pixels[1].tolist() == [[[4] * 3, [5] * 3], [[6] * 3, [7] * 3]]
    assert images.class_names == ("0", "1")


def test_floats_are_scaled_by_255() -> None:
    assert from_arrays(np.full((2, 1, 1), 0.5), [0, 1]).pixels.max() == 128  # 127.5 to even


def test_the_file_holds_what_was_given_and_its_name_depends_on_the_content(tmp_path: Path) -> None:
    splits = {"train": [0, 1], "val": [2], "test": np.array([False, False, False, True])}
    images = from_arrays(PIXELS, ["b", "a", "b", "a"], splits=splits, flippable=False)
    path = images.save(tmp_path)
    assert images.save(tmp_path) == path
    assert from_arrays(PIXELS, ["b", "a", "b", "b"], splits=splits, flippable=False).save(tmp_path) != path
    data = load_data(DataConfig(data="arrays", root=str(path)))
    assert (data.class_names, data.flippable) == (("a", "b"), False)
    assert {name: data.labels[indices].tolist() for name, indices in data.splits.items()} == {
        "train": [1, 0],
        "val": [1],
        "test": [0],
    }
    np.testing.assert_array_equal(data.pixels.read(data.splits["val"])[0, ..., 0], PIXELS[2])


def test_images_of_torch_keep_order_labels_and_names() -> None:
    train = TensorDataset(torch.tensor([0.0, 1.0]).reshape(2, 1, 1, 1).expand(2, 3, 4, 4), torch.tensor([1, 0]))
    test = [(Image.new("L", (6, 4), 9), 1)]
    images = from_torch(train, test=test, image_size=2, class_names=["x", "y"])
    assert images.labels.tolist() == [1, 0, 1]
    assert images.pixels[:, 0, 0, 0].tolist() == [0, 255, 9]
    assert images.splits["test"].tolist() == [2]


def test_a_tensor_has_its_channels_first_and_an_array_last() -> None:
    assert as_pil(torch.zeros(3, 4, 6)).size == (6, 4)
    assert as_pil(np.zeros((4, 6, 3))).size == (6, 4)


@pytest.mark.parametrize(
    ("images", "labels", "options", "message"),
    [
        (np.zeros((2, 4, 5), np.uint8), [0, 1], {}, "`?images`? must have shape"),
        (np.zeros((2, 4, 4), np.int32), [0, 1], {}, "must be uint8, or floats"),
        (np.full((2, 4, 4), np.nan), [0, 1], {}, "must be in \\[0, 1\\], got nan"),
        (PIXELS, [0, 1], {}, "one entry an image: 4, got 2"),
        (PIXELS, [0, 1, 2, -1], {}, "between 0 and 2, got -1"),
        (PIXELS, [0, 1, 0.5, 1], {}, "whole numbers or names"),
        (PIXELS, ["a", "b", "c", "a"], {"class_names": ["a", "b"]}, "'c', which is not in"),
        (PIXELS, [0, 1, 0, 1], {"splits": {"test": [0]}}, "must name train"),
        (PIXELS, [0, 1, 0, 1], {"splits": {"train": [0, 1], "val": [1]}}, "image 1 is in them twice"),
        (PIXELS, [0, 1, 0, 1], {"splits": {"train": [0, 4]}}, "indices from 0 to 3"),
    ],
)
def test_wrong_arrays_are_named(images: object, labels: object, options: dict[str, object], message: str) -> None:
    with pytest.raises(DataError, match=message):
        from_arrays(images, labels, **options)


def test_wrong_items_are_named() -> None:
    with pytest.raises(DataError, match="item 0 of the train data set"):
        from_torch([3], image_size=2)
    with pytest.raises(DataError, match="whole number as label, got 'a'"):
        from_torch([(Image.new("L", (2, 2)), "a")], image_size=2)


def test_the_folder_of_data_sets_offers_both() -> None:
    assert decouple.datasets.from_arrays is from_arrays
    assert decouple.datasets.from_torch is from_torch
    with pytest.raises(AttributeError, match="no attribute 'from_thin_air'"):
        _ = decouple.datasets.from_thin_air


def test_a_missing_or_damaged_file_is_one_sentence(tmp_path: Path) -> None:
    missing, damaged = tmp_path / "no.safetensors", tmp_path / "damaged.safetensors"
    damaged.write_bytes(b"x" * 100)
    with pytest.raises(DataError, match="give the arrays again"):
        load_data(DataConfig(data="arrays", root=str(missing)))
    with pytest.raises(DataError, match="is damaged, or no file of images"):
        load_data(DataConfig(data="arrays", root=str(damaged)))
    with pytest.raises(DataError, match="needs root"):
        load_data(DataConfig(data="arrays"))
