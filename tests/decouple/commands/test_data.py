"""`decouple data`: folders as people have them."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

Run = Callable[..., Any]
NAMES = ("with blank", "q'uo\"te", "M\u00fccke \u732b", "<script>alert(1)<", "=1+1", "n" * 200)


@pytest.fixture
def moths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with Train/ and Testing/ of six classes with awkward names; it lies in the working folder."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    for split, count in (("Train", 4), ("Testing", 2)):
        for name in NAMES:
            folder = tmp_path / "moths" / split / name
            folder.mkdir(parents=True)
            for index in range(count):
                Image.fromarray(rng.integers(0, 256, (12, 16, 3), dtype=np.uint8)).save(folder / f"{index}.png")
    return tmp_path / "moths"


def test_a_folder_without_options(decouple: Run, moths: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("decouple.datasets.load._load_pixels", None)  # an error if all images are read
    answer = decouple("data", "moths")
    assert answer.code == 0, answer.err
    assert answer.err == ""
    assert "24 training images in 6 classes" in answer.out
    assert (
        "shorter side of the images: 12 to 12 pixels, median 12; PNG 36 (from the headers of the files)" in answer.out
    )
    assert "no two splits share a file (compared by content)" in answer.out
    for name in ("class_distribution.png", "examples.png"):
        assert Path(name).read_bytes().startswith(b"\x89PNG")


def test_what_is_not_read_is_named(decouple: Run, moths: Path) -> None:
    shutil.copytree(moths / "Train" / "=1+1", moths / "wasp")
    shutil.copy(moths / "wasp" / "0.png", moths / "loose.png")
    (moths / "Train" / "=1+1" / "notes.txt").touch()
    (moths / "Train" / "=1+1" / "up").symlink_to(moths)
    answer = decouple("data", "moths")
    assert answer.code == 0, answer.err
    lines = [line for line in answer.out.splitlines() if line.startswith("not read: ")]
    assert lines == [
        "not read: 4 images in folders beside Train/ (wasp); if they are classes, move them into Train/",
        "not read: 1 image outside class folders (loose.png); put each into the folder of its class",
        "not read: 1 file ending in .txt (Train/=1+1/notes.txt), "
        "1 link to a folder that is read already, or contains the link (Train/=1+1/up)",
    ]
    record = json.loads(decouple("data", "moths", "--json").out)
    assert list(record["skipped"]) == lines
    assert record["images_in_two_splits"] == 0
    assert record["fingerprint"] is None


def test_copies_in_two_splits_are_warned_of_or_stop(decouple: Run, moths: Path) -> None:
    shutil.copy(moths / "Train" / "=1+1" / "2.png", moths / "Testing" / "=1+1" / "copy.png")
    answer = decouple("data", "moths")
    assert answer.code == 0
    assert "1 image is in two splits with the same content, for example moths/Train/=1+1/2.png and moths" in answer.err
    Image.open(moths / "Train" / "=1+1" / "2.png").save(moths / "Testing" / "=1+1" / "copy.png", compress_level=0)
    assert decouple("data", "moths").err == ""  # other bytes, and the images are not decoded
    answer = decouple("data", "moths", "--check-overlap")
    assert answer.code == 2
    assert "error: 1 image is in two splits with the same content" in answer.err


def test_a_file_that_is_cut_off_stops_before_training(decouple: Run, moths: Path) -> None:
    path = moths / "Train" / "=1+1" / "2.png"
    path.write_bytes(path.read_bytes()[:-60])
    answer = decouple("data", "moths")
    assert answer.code == 2
    assert answer.err.startswith("error: cannot read the image moths/Train/=1+1/2.png: ")
    answer = decouple("data", "moths", "--skip-bad-images")
    assert answer.code == 0, answer.err
    assert "images that could not be read and were left out: 1" in answer.out


def test_a_table_in_place_of_the_folder(decouple: Run, moths: Path) -> None:
    lines = ["path;label", *(f"moths/Train/=1+1/{index}.png;{'ab'[index % 2]}" for index in range(4))]
    Path("moths.csv").write_text("\n".join(lines), encoding="utf-16")
    answer = decouple("data", "moths.csv")
    assert answer.code == 0, answer.err
    assert "2 classes" in answer.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("moths/Train/=1+1",), "no class folders; if =1+1/ is one class, give --root {here}/moths; otherwise put"),
        (("moths", "--root", "moths"), "--folder moths stands for --data folder with this root; leave out one"),
        (("gone",), "gone does not exist; give a folder with train/"),
    ],
)
def test_other_folders(decouple: Run, moths: Path, arguments: tuple[str, ...], message: str) -> None:
    answer = decouple("data", *arguments)
    assert answer.code == 2
    assert message.format(here=moths.parent) in answer.err
