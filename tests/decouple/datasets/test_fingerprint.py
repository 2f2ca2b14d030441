import shutil
import subprocess
import sys

import numpy as np
from PIL import Image

from decouple.datasets.data import ArrayPixels
from decouple.datasets.fingerprint import fingerprint
from decouple.datasets.image_files import FilePixels

ARRAY = np.arange(4 * 2 * 2 * 3, dtype=np.uint8).reshape(4, 2, 2, 3)


def _of(array=ARRAY, labels=(0, 1, 0, 1), names=("a", "b"), train=(0, 1), test=(2, 3)):
    splits = {"train": np.array(train), "test": np.array(test)}
    return fingerprint(ArrayPixels(np.array(array)), np.array(labels), names, splits)


def test_equal_data_have_equal_fingerprints():
    assert _of() == _of(ARRAY.copy())
    assert len(_of()) == 32


def test_every_part_counts():
    changed = ARRAY.copy()
    changed[3, 1, 1, 2] ^= 1
    others = [
        _of(changed),
        _of(ARRAY.reshape(4, 1, 4, 3)),
        _of(labels=(0, 1, 1, 0)),
        _of(names=("a", "c")),
        _of(train=(0, 1, 2), test=(3,)),
        _of(train=(2, 3), test=(0, 1)),
    ]
    assert len({_of(), *others}) == 7


def test_another_process_finds_the_same():
    program = (
        "import numpy as np\n"
        "from decouple.datasets.data import ArrayPixels\n"
        "from decouple.datasets.fingerprint import fingerprint\n"
        "array = np.arange(48, dtype=np.uint8).reshape(4, 2, 2, 3)\n"
        "splits = {'test': np.array([2, 3]), 'train': np.array([0, 1])}\n"
        "print(fingerprint(ArrayPixels(array), np.array([0, 1, 0, 1]), ('a', 'b'), splits))\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == _of()


def _of_files(folder, size=4):
    paths = tuple(str(folder / name) for name in ("x/1.png", "y/2.png"))
    return fingerprint(FilePixels(paths, size), np.array([0, 1]), ("x", "y"), {"train": np.array([0, 1])})


def test_files_count_by_relative_name_and_size(tmp_path):
    for name in ("x", "y"):
        (tmp_path / "here" / name).mkdir(parents=True)
    Image.new("RGB", (4, 4)).save(tmp_path / "here" / "x" / "1.png")
    Image.new("RGB", (4, 4)).save(tmp_path / "here" / "y" / "2.png")
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    first = _of_files(tmp_path / "here")
    assert first == _of_files(tmp_path / "there")
    assert first != _of_files(tmp_path / "here", size=8)
    Image.new("RGB", (40, 40)).save(tmp_path / "there" / "y" / "2.png")
    assert first != _of_files(tmp_path / "there")
