"""The stored description of the preprocessing is what reading an image does."""

import json
from pathlib import Path

import numpy as np
from PIL import Image

from decouple.datasets.image_files import read_image
from decouple.datasets.preprocessing import PREPROCESSING
from decouple.files.run_dir import RunDir

ROTATED = 6  # EXIF orientation: the camera was turned, the picture is shown turned by 90 degrees clockwise


def test_an_image_is_read_as_described(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (30, 40, 4), dtype=np.uint8)
    exif = Image.Exif()
    exif[0x0112] = ROTATED
    Image.fromarray(pixels, "RGBA").save(tmp_path / "a.png", exif=exif)
    assert PREPROCESSING.orientation == "upright"
    upright = np.rot90(pixels, -1).astype(np.float64)
    assert (PREPROCESSING.transparency, PREPROCESSING.channels) == ("white", "RGB")
    opacity = upright[..., 3:] / 255
    rgb = np.rint(upright[..., :3] * opacity + 255 * (1 - opacity)).astype(np.uint8)
    assert PREPROCESSING.crop == "centre square of the full shorter side"
    square = (0, 5, 30, 35)  # of the 30 x 40 upright picture; the resize also reads the pixels that border on it
    assert (PREPROCESSING.interpolation, PREPROCESSING.antialias) == ("bilinear", True)
    picture = Image.fromarray(np.ascontiguousarray(rgb))
    expected = picture.resize((12, 12), Image.Resampling.BILINEAR, box=square)
    difference = np.abs(read_image(str(tmp_path / "a.png"), 12).astype(int) - np.asarray(expected).astype(int))
    assert difference.max() <= 1  # Pillow rounds the blend with white in another way


def test_a_run_stores_names_and_preprocessing(runs: Path) -> None:
    stored = json.loads(RunDir(runs / "base").data.read_text(encoding="utf-8"))
    assert stored["class_names"] == list("0123456789")
    assert (stored["image_size"], len(stored["mean"]), len(stored["std"])) == (8, 3, 3)
    assert stored["preprocessing"] == {
        "orientation": "upright",
        "channels": "RGB",
        "transparency": "white",
        "crop": "centre square of the full shorter side",
        "interpolation": "bilinear",
        "antialias": True,
        "values": "uint8, 0 to 255",
    }
    assert RunDir(runs / "base").read_data().preprocessing == PREPROCESSING


def test_a_run_without_that_entry_is_read(runs: Path) -> None:
    path = RunDir(runs / "base").data
    stored = json.loads(path.read_text(encoding="utf-8"))
    del stored["preprocessing"]
    path.write_text(json.dumps(stored), encoding="utf-8")
    assert RunDir(runs / "base").read_data().preprocessing is None
