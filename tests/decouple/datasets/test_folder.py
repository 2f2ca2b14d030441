import numpy as np
import pytest
from PIL import Image

from decouple.datasets import folder
from decouple.datasets.settings import DataConfig
from decouple.errors import DataError


def _image(path, value=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((4, 4, 3), value, np.uint8)).save(path)


def _tree(root, *names):
    for value, name in enumerate(names):
        _image(root / name, value)


def _load(root, **options):
    return folder.load(DataConfig(data="folder", root=str(root), **options))


def test_train_val_and_test_are_read_with_sorted_classes(tmp_path):
    _tree(tmp_path, "train/b/1.png", "train/a/1.png", "train/a/2.JPG", "val/b/1.png", "test/a/1.webp")
    pool = _load(tmp_path, image_size=4)
    assert pool.class_names == ("a", "b")
    assert {split: pool.labels[indices].tolist() for split, indices in pool.splits.items()} == {
        "train": [0, 0, 1],
        "val": [1],
        "test": [0],
    }
    assert pool.flippable
    assert pool.pixels.read(pool.splits["train"])[:, 0, 0, 0].tolist() == [1, 2, 0]  # b/1.png was made first


@pytest.mark.parametrize("name", ["valid", "validation"])
def test_other_names_of_the_validation_folder(tmp_path, name):
    _tree(tmp_path, "train/a/1.png", "train/b/1.png", f"{name}/a/1.png")
    assert list(_load(tmp_path).splits) == ["train", "val"]


def test_a_folder_of_class_folders_is_all_for_training(tmp_path):
    _tree(tmp_path, "cat/1.png", "dog/1.png")
    pool = _load(tmp_path)
    assert pool.class_names == ("cat", "dog")
    assert list(pool.splits) == ["train"]
    assert pool.pixels.read(pool.splits["train"]).shape == (2, 32, 32, 3)


def test_a_split_folder_without_images_is_no_split(tmp_path):
    _tree(tmp_path, "train/a/1.png", "train/b/1.png")
    (tmp_path / "test" / "a").mkdir(parents=True)
    assert list(_load(tmp_path).splits) == ["train"]


def test_nested_images_count_and_hidden_or_other_files_do_not(tmp_path):
    _tree(tmp_path, "a/deep/er/1.png", "a/.hidden.png", "a/.cache/2.png", "b/1.png", ".git/3.png")
    (tmp_path / "a" / "notes.txt").write_text("no image")
    pool = _load(tmp_path)
    assert pool.class_names == ("a", "b")
    assert [path[len(str(tmp_path)) :] for path in pool.pixels.paths] == ["/a/deep/er/1.png", "/b/1.png"]


def test_no_root():
    with pytest.raises(DataError, match="folder data set needs root"):
        folder.load(DataConfig(data="folder"))


def test_root_that_does_not_exist(tmp_path):
    with pytest.raises(DataError, match="gone does not exist"):
        _load(tmp_path / "gone")


def test_root_that_is_a_file(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="is a file, not a folder"):
        _load(tmp_path / "file")


@pytest.mark.parametrize("folders", [[], ["a", "b"], ["train/a"]])
def test_no_images(tmp_path, folders):
    for name in folders:
        (tmp_path / name).mkdir(parents=True)
    with pytest.raises(DataError, match="no images under"):
        _load(tmp_path)


def test_one_class(tmp_path):
    _tree(tmp_path, "train/a/1.png")
    with pytest.raises(DataError, match=r"one class only, 'a'.* at least 2"):
        _load(tmp_path)


def test_an_empty_class(tmp_path):
    _tree(tmp_path, "train/a/1.png", "train/b/1.png")
    (tmp_path / "train" / "empty").mkdir()
    with pytest.raises(DataError, match="class 'empty' has no training image"):
        _load(tmp_path)


@pytest.mark.parametrize("split", ["val", "test"])
def test_a_class_that_training_does_not_have(tmp_path, split):
    _tree(tmp_path, "train/a/1.png", "train/b/1.png", f"{split}/c/1.png")
    with pytest.raises(DataError, match=f"class 'c' in the {split} split of .* is not in train/"):
        _load(tmp_path)


def test_two_validation_folders(tmp_path):
    _tree(tmp_path, "train/a/1.png", "train/b/1.png", "val/a/1.png", "valid/a/1.png")
    with pytest.raises(DataError, match="has both val/ and valid/, which are both the val split; rename or remove one"):
        _load(tmp_path)


def test_a_test_folder_without_a_training_folder(tmp_path):
    _tree(tmp_path, "test/a/1.png", "test/b/1.png", "val/a/1.png")
    with pytest.raises(DataError, match="has val/ but no train/"):
        _load(tmp_path)
