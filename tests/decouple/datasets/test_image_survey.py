from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from decouple.datasets import image_survey
from decouple.datasets.image_files import FilePixels
from decouple.datasets.image_survey import survey_images
from decouple.errors import DataError


def _files(*paths: Path) -> FilePixels:
    return FilePixels(tuple(map(str, paths)), 8)


def _noise(path: Path) -> Path:
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 48, 3), dtype=np.uint8)).save(path)
    return path


def test_sizes_and_formats_come_from_the_headers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_survey, "read_image", None)  # an error if a file is decoded
    wide, grey = tmp_path / "wide.jpg", tmp_path / "grey.png"
    Image.new("RGB", (300, 100)).save(wide)
    Image.new("L", (20, 50)).save(grey)
    reports: list[tuple[int, int]] = []
    survey = survey_images(_files(wide, grey, wide), lambda done, total: reports.append((done, total)))
    assert survey.widths.tolist() == [300, 20, 300]
    assert survey.heights.tolist() == [100, 50, 100]
    assert survey.shorter_sides.tolist() == [100, 20, 100]
    assert survey.formats == {"JPEG": 2, "PNG": 1}
    assert reports == [(3, 3)]


@pytest.mark.parametrize("ending", [".jpg", ".png", ".webp"])
def test_a_file_that_is_cut_off_is_an_error(tmp_path: Path, ending: str) -> None:
    path = _noise(tmp_path / f"a{ending}")
    survey_images(_files(path))
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(DataError, match=rf"cannot read the image .*a\{ending}: "):
        survey_images(_files(path))


def test_bytes_behind_the_image_do_no_harm(tmp_path: Path) -> None:
    path = _noise(tmp_path / "a.png")
    path.write_bytes(path.read_bytes() + b"\0" * 10_000)  # its end mark is not near the end, so it is decoded
    assert survey_images(_files(path)).widths.tolist() == [48]


@pytest.mark.parametrize("content", [b"", b"no image"])
def test_a_file_that_is_no_image_is_an_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(DataError, match=r"cannot read the image .*a\.png: it is damaged, or no image"):
        survey_images(_files(tmp_path / "a.png"))


def test_no_files() -> None:
    assert survey_images(_files()).formats == {}
