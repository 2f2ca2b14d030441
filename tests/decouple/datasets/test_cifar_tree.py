from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from decouple.datasets.cifar_tree import CIFAR10_CLASSES
from decouple.datasets.image_files import LoadedFiles
from decouple.datasets.load import load_data
from decouple.datasets.settings import DataConfig
from decouple.datasets.table import DATASETS
from decouple.errors import DataError

IMAGES = np.random.default_rng(0).integers(0, 256, (10, 6, 32, 32, 3), dtype=np.uint8)  # class, image


def _write_tree(root, name_of=lambda label, index: f"{index:04d}.png", classes=CIFAR10_CLASSES):
    """Write 4 training and 2 test images of each class."""
    for label, name in enumerate(classes):
        for index in range(6):
            path = root / ("train" if index < 4 else "test") / name / name_of(label, index % 4)
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(IMAGES[label % 10, index]).save(path, quality=75)
    return root


def _load(root):
    return DATASETS["cifar10"](DataConfig(data="cifar10", root=str(root)))


def test_the_images_are_read_as_they_are_class_by_class(tmp_path):
    source = _load(_write_tree(tmp_path))
    assert source.class_names == CIFAR10_CLASSES
    assert source.labels.tolist() == [label for label in range(10) for _ in range(4)] + [i // 2 for i in range(20)]
    assert source.splits["train"].tolist() == list(range(40))
    assert source.splits["test"].tolist() == list(range(40, 60))
    assert source.storage == "PNG files"
    assert np.array_equal(source.pixels.read(np.array([13, 41])), [IMAGES[3, 1], IMAGES[0, 5]])


def test_numbers_of_all_images_give_the_order_of_the_original_files(tmp_path):
    # Image i of class c has the number 10 i + c: the classes take turns, and 9 comes before 10.
    source = _load(_write_tree(tmp_path, lambda label, index: f"{10 * index + label}_x.png"))
    assert source.labels[source.splits["train"]].tolist() == [*range(10)] * 4
    assert np.array_equal(source.pixels.read(np.array([23]))[0], IMAGES[3, 2])


def test_the_long_tailed_subset_is_the_one_of_the_same_images_in_another_order(tmp_path):
    settings = {"ratio": 4, "val_fraction": 0}
    by_class = load_data(DataConfig(data="cifar10", root=str(_write_tree(tmp_path / "a")), **settings))
    numbered = _write_tree(tmp_path / "b", lambda label, index: f"{10 * index + label}.png")
    in_turns = load_data(DataConfig(data="cifar10", root=str(numbered), **settings))
    # 4 (1/4)^(c/9), rounded down, for c = 0 to 9.
    assert by_class.class_counts.tolist() == [4, 3, 2, 2, 2, 1, 1, 1, 1, 1]
    for label in range(10):
        first, second = (
            data.pixels.read(data.splits["train"][data.labels[data.splits["train"]] == label])
            for data in (by_class, in_turns)
        )
        assert np.array_equal(first, second)


def test_jpeg_files_are_called_so_with_their_quality(tmp_path):
    root = str(_write_tree(tmp_path, lambda _, index: f"{index}.jpg"))
    data = load_data(DataConfig(data="cifar10", root=root, ratio=4))
    assert data.storage == "JPEG files of quality 75"


def test_all_images_are_decoded_once_and_cached_for_every_subset(tmp_path):
    root = _write_tree(tmp_path / "tree")
    for ratio, profile in ((2, "exp"), (4, "exp"), (2, "step")):
        config = DataConfig(data="cifar10", root=str(root), ratio=ratio, profile=profile)
        cached, direct = load_data(config, cache_folder=tmp_path / "cache"), load_data(config)
        assert cached.fingerprint == direct.fingerprint
        assert isinstance(cached.pixels, LoadedFiles)
        assert cached.pixels.paths == direct.pixels.paths
    (array,) = (tmp_path / "cache").glob("images-*.npy")
    assert 60 * 3072 < array.stat().st_size < 60 * 3072 + 500


def test_an_image_of_another_size_is_refused(tmp_path):
    path = _write_tree(tmp_path) / "train" / "cat" / "0000.png"
    Image.fromarray(IMAGES[0, 0, :30]).save(path)
    with pytest.raises(DataError, match=r"cat/0000.png has 32 x 30 pixels, not 32 x 32; use data=folder"):
        load_data(DataConfig(data="cifar10", root=str(tmp_path), ratio=1))


def test_other_classes_are_refused(tmp_path):
    _write_tree(tmp_path, classes=[*CIFAR10_CLASSES[:9], "lorry"])
    with pytest.raises(DataError, match=r"train holds 10 class folders that are not the 10 classes of CIFAR-10"):
        _load(tmp_path)


def test_a_class_without_images_is_refused(tmp_path):
    for path in (_write_tree(tmp_path) / "test" / "dog").iterdir():
        path.unlink()
    with pytest.raises(DataError, match=r"test/dog holds no images"):
        _load(tmp_path)


def test_cifar100_has_its_classes_by_name(tmp_path):
    names = [f"class{label:02d}" for label in range(100)]
    _write_tree(tmp_path, classes=names)
    source = DATASETS["cifar100"](DataConfig(data="cifar100", root=str(tmp_path)))
    assert source.class_names == tuple(names)
    assert len(source.labels) == 600
    (tmp_path / "train" / "class07").rename(tmp_path / "train" / "class7")
    with pytest.raises(DataError, match=r"class 'class07' is in one of .*train and .*test only"):
        DATASETS["cifar100"](DataConfig(data="cifar100", root=str(tmp_path)))


def test_the_files_of_torchvision_win_where_both_are(tmp_path):
    root: Path = _write_tree(tmp_path)
    (root / "cifar-10-batches-py").mkdir()
    with pytest.raises(DataError, match=r"cifar-10-batches-py has no data_batch_1"):
        _load(root)
