"""Training on images of every mode, size and state, in folders of awkward names."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from decouple.datasets import image_decoding

Run = Callable[..., Any]
NAMES = ("with blank", "q'uo\"te", "M\u00fccke \u732b", "<script>alert(1)<", "=1+1", "n" * 200)


def _write_modes(folder: Path) -> None:
    """Write one image of each mode, size and orientation."""
    colours = Image.fromarray(np.arange(16 * 12 * 3, dtype=np.uint8).reshape(12, 16, 3))
    for mode, name in (("L", "png"), ("RGBA", "png"), ("P", "png"), ("LA", "png"), ("1", "png"), ("CMYK", "jpg")):
        colours.convert(mode).save(folder / f"mode_{mode}.{name}")
    Image.fromarray((np.arange(192).reshape(12, 16) * 20).astype(np.uint16)).save(folder / "deep.tif")
    Image.fromarray(np.linspace(0, 1, 192, dtype=np.float32).reshape(12, 16)).save(folder / "float.tif")
    colours.save(folder / "pages.tif", save_all=True, append_images=[colours])
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    colours.save(folder / "turned.jpg", exif=exif)
    Image.new("RGB", (1, 1)).save(folder / "one.png")
    Image.new("L", (12_000, 12_000)).save(folder / "large.jpg")
    colours.resize((400, 300)).save(folder / "cut.jpg", quality=95)
    (folder / "cut.jpg").write_bytes((folder / "cut.jpg").read_bytes()[:2000])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with Train/ and test/, whose first class has images of all kinds."""
    monkeypatch.setattr(image_decoding, "_said_of", set())  # lines that are said once
    rng = np.random.default_rng(0)
    for split, count in (("Train", 6), ("test", 2)):
        for name in NAMES:
            path = tmp_path / "set" / split / name
            path.mkdir(parents=True)
            for index in range(count):
                Image.fromarray(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)).save(path / f"{index}.png")
    _write_modes(tmp_path / "set" / "Train" / NAMES[0])
    return tmp_path / "set"


def test_they_are_trained_on(decouple: Run, folder: Path, tmp_path: Path, no_figures: None) -> None:
    words = ["--data", "folder", "--root", folder, "--image-size", "8", "--epochs", "1", "--device", "cpu"]
    words += ["--runs", tmp_path / "runs", "--name", "x"]
    refused = decouple("stage1", *words)
    assert refused.code == 2
    assert f"error: cannot read the image {folder}/Train/with blank/cut.jpg: " in refused.err
    answer = decouple("stage1", *words, "--skip-bad-images")
    assert answer.code == 0, answer.err
    assert "pages.tif has several pages" in refused.err + answer.err  # said once, when the file is read first
    # Of 18 images of the first class 2 are held out for validation, and of 6 of each other class 1.
    assert "train 41, val 7, test 12" in answer.out
    assert decouple("stage2", "--runs", tmp_path / "runs", "--method", "ncm").code == 0
    listed = decouple("data", folder, "--skip-bad-images", "--figure", tmp_path / "d.png", "--as-csv")
    rows = list(csv.DictReader(io.StringIO(listed.out)))
    assert sorted(row["class"].removeprefix("'") for row in rows) == sorted(NAMES)
    assert not any(row["class"].startswith("=") for row in rows)  # a spreadsheet would compute it
