import gzip
import os
import pickle
import struct
import sys
import types

import numpy as np
import pytest

from decouple.datasets import cifar
from decouple.datasets.settings import DataConfig
from decouple.errors import DataError

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (12, 3072), dtype=np.uint8)  # two per file of CIFAR-10
LABELS10 = [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2]
FILES10 = [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]


def _write(path, value, protocol=2):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(value, protocol))


def _write_cifar10(root, protocol=2, kind=str):
    def key(name):
        return kind(name) if kind is str else name.encode()

    folder = root / "cifar-10-batches-py"
    for i, name in enumerate(FILES10):
        part = slice(2 * i, 2 * i + 2)
        _write(folder / name, {key("data"): IMAGES[part], key("labels"): LABELS10[part]}, protocol)
    _write(folder / "batches.meta", {key("label_names"): [key(name) for name in ("plane", "car", "bird")]}, protocol)
    return folder


def _write_cifar100(root):
    folder = root / "cifar-100-python"
    for name, part in {"train": slice(0, 8), "test": slice(8, 12)}.items():
        labels = LABELS10[part]
        _write(folder / name, {"data": IMAGES[part], "fine_labels": labels, "coarse_labels": [0] * len(labels)})
    _write(folder / "meta", {"fine_label_names": ["apple", "bear", "cup"], "coarse_label_names": ["thing"]})


def _load10(root, **options):
    return cifar.load_cifar10(DataConfig(data="cifar10", root=str(root), **options))


@pytest.mark.parametrize("protocol", [2, 4, 5])
@pytest.mark.parametrize("kind", [str, bytes])
def test_cifar10_is_read_from_its_six_files(tmp_path, protocol, kind):
    _write_cifar10(tmp_path, protocol, kind)
    pool = _load10(tmp_path)
    assert pool.class_names == ("plane", "car", "bird")
    assert pool.labels.tolist() == LABELS10
    assert pool.splits["train"].tolist() == list(range(10))
    assert pool.splits["test"].tolist() == [10, 11]
    assert pool.flippable
    image = pool.pixels.read(np.array([11]))[0]
    # Stored plane by plane, 1,024 values each: row 2, column 3 of green is value 1024 + 2 * 32 + 3.
    assert image.shape == (32, 32, 3)
    assert image[2, 3, 1] == IMAGES[11, 1024 + 2 * 32 + 3]
    assert image[31, 0, 2] == IMAGES[11, 2048 + 31 * 32]


def test_cifar100_has_fine_labels(tmp_path):
    _write_cifar100(tmp_path)
    pool = cifar.load_cifar100(DataConfig(data="cifar100", root=str(tmp_path)))
    assert pool.class_names == ("apple", "bear", "cup")
    assert pool.labels.tolist() == LABELS10
    assert {split: len(indices) for split, indices in pool.splits.items()} == {"train": 8, "test": 4}


def _python2_batch(data, labels):
    """Return the pickle of a batch as Python 2 wrote the published files: protocol 2, text as byte strings."""

    def text(value):
        return b"T" + struct.pack("<i", len(value)) + value

    def whole(value):
        return b"J" + struct.pack("<i", value)

    dtype = b"cnumpy\ndtype\n(" + text(b"u1") + whole(0) + whole(1) + b"tR"
    dtype += b"(" + whole(3) + text(b"|") + b"NNN" + whole(-1) + whole(-1) + whole(0) + b"tb"
    array = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(" + whole(0) + b"t" + text(b"b") + b"tR"
    shape = b"(" + b"".join(whole(size) for size in data.shape) + b"t"
    array += b"(" + whole(1) + shape + dtype + b"\x89" + text(data.tobytes()) + b"tb"
    numbers = b"](" + b"".join(whole(label) for label in labels) + b"e"
    return b"\x80\x02}(" + text(b"data") + array + text(b"labels") + numbers + b"u."


def test_files_written_by_python_2_are_read(tmp_path):
    folder = _write_cifar10(tmp_path)
    (folder / "test_batch").write_bytes(_python2_batch(IMAGES[:2], [2, 1]))
    pool = _load10(tmp_path)
    assert pool.labels[10:].tolist() == [2, 1]
    assert np.array_equal(pool.pixels.read(np.array([10]))[0, 0, :, 0], IMAGES[0, :32])


class _Runs:
    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("function", [os.system, eval, getattr, gzip.decompress])
def test_a_pickle_that_runs_something_is_refused(tmp_path, function):
    marker = tmp_path / "marker"
    folder = _write_cifar10(tmp_path)
    _write(folder / "data_batch_3", {"data": _Runs(function, f"touch {marker}"), "labels": []})
    with pytest.raises(DataError, match=r"data_batch_3 is not a CIFAR file: it asks for .*, which is refused"):
        _load10(tmp_path)
    assert not marker.exists()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([1], r"data_batch_1 is not a CIFAR file: it holds a list"),
        ({"labels": [0, 1]}, r"data_batch_1 is damaged or not a CIFAR file: it has no 'data'"),
        ({"data": IMAGES[:2]}, r"it has no 'labels'"),
        (
            {"data": IMAGES[:3], "labels": [0, 1]},
            r"data_batch_1 is damaged: its images are not uint8 of shape \(2, 3072\)",
        ),
        ({"data": IMAGES[:2].astype(float), "labels": [0, 1]}, r"its images are not uint8"),
        ({"data": b"\0" * 6144, "labels": [0, 1]}, r"its images are not uint8"),
        ({"data": IMAGES[:2], "labels": [0, 3]}, r"its labels are not whole numbers from 0 to 2"),
        ({"data": IMAGES[:2], "labels": [0, -1]}, r"its labels are not whole numbers"),
        ({"data": IMAGES[:2], "labels": [0, [1]]}, r"its labels are not whole numbers"),
    ],
)
def test_a_batch_with_odd_contents_is_refused(tmp_path, value, message):
    folder = _write_cifar10(tmp_path)
    _write(folder / "data_batch_1", value)
    with pytest.raises(DataError, match=message):
        _load10(tmp_path)


@pytest.mark.parametrize("content", [b"", b"\x80\x02}(", b"no pickle at all"])
def test_a_file_that_is_cut_short_or_no_pickle(tmp_path, content):
    folder = _write_cifar10(tmp_path)
    (folder / "data_batch_2").write_bytes(content)
    with pytest.raises(DataError, match=r"cannot read .*data_batch_2: .*download it again"):
        _load10(tmp_path)


def test_class_names_that_are_no_list(tmp_path):
    folder = _write_cifar10(tmp_path)
    _write(folder / "batches.meta", {"label_names": 3})
    with pytest.raises(DataError, match=r"batches\.meta is damaged: 'label_names' is not a list"):
        _load10(tmp_path)


def test_a_missing_file_is_named_with_what_to_do(tmp_path):
    folder = _write_cifar10(tmp_path)
    (folder / "data_batch_4").unlink()
    with pytest.raises(DataError, match=r"cifar-10-batches-py has no data_batch_4: give root, .* download=True"):
        _load10(tmp_path)


def test_the_default_folder_is_data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=r"^data/cifar-10-batches-py has no data_batch_1"):
        cifar.load_cifar10(DataConfig(data="cifar10"))


def _torchvision_that(fetch, monkeypatch):
    """Put a stand-in for torchvision in place: the real one takes seconds to import and needs the network."""
    stand_in = types.ModuleType("torchvision")
    stand_in.datasets = types.SimpleNamespace(CIFAR10=fetch)
    monkeypatch.setitem(sys.modules, "torchvision", stand_in)


def test_a_download_arrives_whole_and_leaves_nothing_else(tmp_path, monkeypatch):
    def fetch(root, download):
        assert download
        _write_cifar10(type(tmp_path)(root))
        (type(tmp_path)(root) / "cifar-10-python.tar.gz").write_bytes(b"archive")

    _torchvision_that(fetch, monkeypatch)
    pool = _load10(tmp_path / "new", download=True)
    assert len(pool.pixels) == 12
    assert os.listdir(tmp_path / "new") == ["cifar-10-batches-py"]


def test_a_failed_download_is_one_sentence_and_leaves_no_part_behind(tmp_path, monkeypatch):
    def fetch(root, download):
        (type(tmp_path)(root) / "cifar-10-python.tar.gz").write_bytes(b"half")
        raise OSError("network\nunreachable")

    _torchvision_that(fetch, monkeypatch)
    with pytest.raises(
        DataError, match=r"cannot download CIFAR10 into .*: network unreachable; check the network"
    ) as error:
        _load10(tmp_path, download=True)
    assert "\n" not in str(error.value)
    assert os.listdir(tmp_path) == []


def test_nothing_is_fetched_where_the_files_are_there(tmp_path, monkeypatch):
    def fetch(root, download):
        raise AssertionError("fetched")

    _write_cifar10(tmp_path)
    _torchvision_that(fetch, monkeypatch)
    assert len(_load10(tmp_path, download=True).pixels) == 12
