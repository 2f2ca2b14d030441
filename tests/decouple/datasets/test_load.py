import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from decouple.datasets import load
from decouple.datasets.data import ArrayPixels
from decouple.datasets.image_files import FilePixels, LoadedFiles
from decouple.datasets.load import load_data
from decouple.datasets.overlap import find_overlap
from decouple.datasets.settings import DataConfig
from decouple.errors import ConfigError, DataError


def _folder(root, **counts):
    """Write counts[name] images per class, each of its own colour; "split_class" goes to split/class."""
    colour = 0
    for name, count in counts.items():
        folder = root.joinpath(*name.split("_"))
        folder.mkdir(parents=True)
        for k in range(count):
            colour += 1
            Image.new("RGB", (4, 4), (colour % 256, colour // 256, 0)).save(folder / f"{k}.png")


def _load(root, **options):
    return load_data(DataConfig(data="folder", root=str(root), image_size=4, **options))


def _counts(data, split):
    return np.bincount(data.labels[data.splits[split]], minlength=len(data.class_names)).tolist()


def test_digits_by_default_are_long_tailed():
    # 118 zeros allow 118 in the largest class; 118 * 50^(-j/9) for j = 0 to 9, rounded down.
    data = load_data(DataConfig())
    assert data.group_counts.tolist() == [118, 76, 49, 32, 20, 13, 8, 5, 3, 2]
    assert data.class_counts.tolist() == data.group_counts.tolist()  # digits bring a validation split
    assert _counts(data, "val") == [20] * 10
    assert _counts(data, "test") == [40] * 10
    assert isinstance(data.pixels, ArrayPixels)
    assert len(data.pixels) == 326 + 200 + 400
    assert not data.flippable


def test_images_keep_their_labels_when_renumbered():
    data = load_data(DataConfig(subset_seed=3))
    complete = load_data(DataConfig(profile="none", subset_seed=3))
    label_of = {image.tobytes(): label for image, label in zip(complete.pixels.array, complete.labels, strict=True)}
    assert all(label_of[image.tobytes()] == label for image, label in zip(data.pixels.array, data.labels, strict=True))


def test_the_same_settings_give_the_same_data_and_another_subset_seed_others():
    first, again, other = (load_data(DataConfig(subset_seed=seed)) for seed in (0, 0, 1))
    assert first.fingerprint == again.fingerprint != other.fingerprint


def test_glyphs_are_cut_and_only_the_needed_ones_drawn():
    # 20 * 4^(-j/2): 20, 10, 5.
    data = load_data(DataConfig(data="glyphs", classes=3, max_count=20, ratio=4))
    assert data.group_counts.tolist() == [20, 10, 5]
    assert len(data.pixels) == 35 + 3 * 150


def test_what_is_missing_is_held_out(tmp_path):
    # Test takes 0.2 of 40, 20 and 3: 8, 4 and 0.6, rounded 1. Of the 32, 16 and 2 left, validation takes a quarter:
    # 8, 4 and 0.5, at least 1.
    _folder(tmp_path, a=40, b=20, c=3)
    data = _load(tmp_path, val_fraction=0.25)
    assert _counts(data, "test") == [8, 4, 1]
    assert data.group_counts.tolist() == [32, 16, 2]
    assert _counts(data, "val") == [8, 4, 1]
    assert data.class_counts.tolist() == [24, 12, 1]
    assert np.sort(np.concatenate(list(data.splits.values()))).tolist() == list(range(63))
    assert find_overlap(data.pixels, data.splits) == ()


def test_without_a_share_there_is_no_validation_split(tmp_path):
    _folder(tmp_path, a=10, b=10)
    assert list(_load(tmp_path, val_fraction=0).splits) == ["train", "test"]


def test_splits_that_the_data_bring_are_left_alone(tmp_path):
    _folder(tmp_path, train_a=10, train_b=10, val_a=3, val_b=2, test_a=1, test_b=4)
    data = _load(tmp_path)
    assert (_counts(data, "val"), _counts(data, "test")) == ([3, 2], [1, 4])
    assert data.group_counts.tolist() == data.class_counts.tolist() == [10, 10]


def test_the_cut_comes_after_the_test_split_and_before_the_validation_split(tmp_path):
    # Of 20 each, 4 are for testing. 16 at ratio 4 over two classes: 16 and 4. A quarter of those for validation: 4, 1.
    _folder(tmp_path, a=20, b=20)
    data = _load(tmp_path, ratio=4, val_fraction=0.25, longtailed_test=True)
    assert _counts(data, "test") == [4, 4]
    assert data.group_counts.tolist() == [16, 4]
    assert (_counts(data, "val"), data.class_counts.tolist()) == ([4, 1], [12, 3])
    assert _counts(data, "test_longtailed") == [4, 1]
    assert set(data.splits["test_longtailed"]) < set(data.splits["test"])


def test_fraction_takes_a_share_of_every_split_and_class(tmp_path):
    _folder(tmp_path, train_a=20, train_b=2, test_a=10, test_b=1)
    data = _load(tmp_path, fraction=0.2, val_fraction=0)
    assert data.class_counts.tolist() == [4, 1]  # 0.4 of an image is one
    assert _counts(data, "test") == [2, 1]


def test_the_validation_share_does_not_change_the_subset(tmp_path):
    _folder(tmp_path, train_a=30, train_b=30, test_a=1, test_b=1)
    few, many = (_load(tmp_path, ratio=3, val_fraction=share) for share in (0.1, 0.5))
    assert few.pixels.paths == many.pixels.paths
    assert few.group_counts.tolist() == many.group_counts.tolist() == [30, 10]


def _spoil(path):
    path.write_bytes(path.read_bytes()[:50])


def test_a_bad_image_stops_the_run(tmp_path):
    _folder(tmp_path, a=10, b=10)
    _spoil(tmp_path / "a" / "3.png")
    with pytest.raises(DataError, match=r"cannot read the image .*3\.png.*skip_bad_images=True"):
        _load(tmp_path)


def test_bad_images_are_left_out_and_counted_on_request(tmp_path):
    _folder(tmp_path, train_a=10, train_b=10, test_a=2, test_b=2)
    for name in ("train/a/3.png", "train/b/4.png", "test/a/1.png"):
        _spoil(tmp_path / name)
    data = _load(tmp_path, skip_bad_images=True, val_fraction=0)
    assert data.bad_images == 3
    assert data.class_counts.tolist() == [9, 9]
    assert _counts(data, "test") == [1, 2]


def test_a_class_that_loses_all_its_images_is_named(tmp_path):
    _folder(tmp_path, a=10, b=1)
    _spoil(tmp_path / "b" / "0.png")
    with pytest.raises(DataError, match="class 'b' has no training image that can be read"):
        _load(tmp_path, skip_bad_images=True)


def test_images_that_fill_the_memory_stay_on_disk(tmp_path, monkeypatch):
    _folder(tmp_path, a=10, b=10)
    in_memory = _load(tmp_path)
    assert isinstance(in_memory.pixels, LoadedFiles)
    monkeypatch.setattr(load, "_MAX_BYTES_IN_MEMORY", 20 * 48 - 1)  # bytes; 20 images of 4 x 4 x 3 are 960
    on_disk = _load(tmp_path)
    assert isinstance(on_disk.pixels, FilePixels)
    assert on_disk.pixels.paths == in_memory.pixels.paths
    assert np.array_equal(on_disk.pixels.read(np.arange(20)), in_memory.pixels.array)
    assert on_disk.fingerprint == _load(tmp_path).fingerprint


def test_progress_ends_with_all_images(tmp_path):
    _folder(tmp_path, a=10, b=10)
    reports = []
    load_data(DataConfig(data="folder", root=str(tmp_path)), lambda done, total: reports.append((done, total)))
    assert reports[-1] == (20, 20)


def test_one_class_is_not_enough(tmp_path):
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")
    (tmp_path / "train.txt").write_text("a.png 0\n")
    with pytest.raises(DataError, match="'list' has 1 class; training needs at least 2"):
        load_data(DataConfig(data="list", train_list=str(tmp_path / "train.txt")))


def test_an_unknown_data_set_is_named():
    with pytest.raises(ConfigError, match=r"unknown data set 'cifar11'\. Did you mean 'cifar10'"):
        load_data(DataConfig(data="cifar11"))


def test_loading_imports_neither_torch_nor_other_slow_packages():
    program = (
        "import sys\nfrom decouple.datasets.load import load_data\nfrom decouple.datasets.settings import DataConfig\n"
        "load_data(DataConfig())\n"
        "print({'torch', 'torchvision', 'pandas', 'sklearn', 'matplotlib', 'scipy'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"


def test_an_image_in_two_splits_is_warned_of_while_the_images_are_read(tmp_path, caplog):
    _folder(tmp_path, train_a=5, train_b=5, test_a=2, test_b=2)
    shutil.copy(tmp_path / "train/a/3.png", tmp_path / "test/b/1.png")
    data = _load(tmp_path)
    assert len(data.overlap) == 1
    (warning,) = [record.message for record in caplog.records if record.levelname == "WARNING"]
    assert warning.startswith("1 image is in two splits with the same content, for example ")
    assert "train/a/3.png and " in warning
    assert "test/b/1.png; accuracy" in warning


def test_images_that_do_not_fit_into_memory_are_not_compared(tmp_path, caplog, monkeypatch):
    _folder(tmp_path, train_a=5, train_b=5, test_a=2, test_b=2)
    monkeypatch.setattr(load, "_MAX_BYTES_IN_MEMORY", 100)
    with caplog.at_level("INFO", "decouple"):
        assert _load(tmp_path).overlap is None
    assert "images that are in two splits were not looked for, as they do not fit into memory" in caplog.text
