import io

import numpy as np
import pytest
from PIL import Image

from decouple.datasets.jpeg_quality import jpeg_quality, storage_of

NOISE = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)


@pytest.mark.parametrize("quality", [1, 10, 49, 50, 75, 90, 95, 100])
def test_the_quality_that_a_file_was_written_with_is_read_back(quality):
    file = io.BytesIO()
    Image.fromarray(NOISE).save(file, "JPEG", quality=quality)
    assert jpeg_quality(Image.open(file).quantization[0]) == quality


def test_a_table_of_another_encoder_has_no_quality():
    assert jpeg_quality([3, *[40] * 63]) is None


def test_several_qualities_are_a_range_and_other_formats_have_none(tmp_path):
    for name, options in {"a.jpg": {"quality": 70}, "b.jpg": {"quality": 95}, "c.png": {}}.items():
        Image.fromarray(NOISE).save(tmp_path / name, **options)
    paths = [str(tmp_path / name) for name in ("a.jpg", "b.jpg", "c.png")]
    assert storage_of(paths[:2]) == "JPEG files of quality 70 to 95"
    assert storage_of(paths) == "JPEG and PNG files"


def test_an_unknown_table_leaves_the_quality_out(tmp_path):
    Image.fromarray(NOISE).save(tmp_path / "a.jpg", qtables=[[40] * 64, [40] * 64])
    assert storage_of([str(tmp_path / "a.jpg")]) == "JPEG files"
