import numpy as np
import pytest

from decouple.datasets.value_range import to_uint8
from decouple.errors import DataError


@pytest.mark.parametrize(
    ("dtype", "values", "expected"),
    [
        ("u1", [0, 7, 255], [0, 7, 255]),
        ("u2", [0, 100, 255], [0, 100, 255]),  # 8 bits in 16
        ("u2", [0, 2048, 4095], [0, 128, 255]),  # 12 bits: 2048 * 255 / 4095 = 127.5...
        ("u2", [0, 2048, 2100], [0, 128, 131]),  # 12 bits that do not reach white: 2100 * 255 / 4095 = 130.8
        ("u2", [0, 257, 65535], [0, 1, 255]),  # 16 bits: 257 * 255 / 65535 = 1
        (">u2", [0, 25700, 65535], [0, 100, 255]),
        ("i4", [0, 25700, 65535], [0, 100, 255]),
        ("u4", [0, 2**31, 2**32 - 1], [0, 128, 255]),  # beyond 16 bits: own range
        ("i2", [-1000, 0, 1000], [0, 128, 255]),  # negative: own range
        ("f4", [0.0, 100 / 255, 1.0], [0, 100, 255]),
        ("f8", [0.0, 0.2, 0.4], [0, 51, 102]),  # 0 to 1, although the image does not reach white
        ("f4", [-0.05, 0.5, 1.05], [0, 128, 255]),  # overshoot is cut
        ("f2", [0.0, 50.0, 200.0], [0, 64, 255]),  # beyond 1: own range
        ("f8", [-1.0, 0.0, 1.0], [0, 128, 255]),
        ("f8", [np.nan, 0.5, np.inf], [0, 128, 0]),
        ("f8", [7.0, 7.0, np.nan], [0, 0, 0]),
        ("?", [False, True, True], [0, 255, 255]),
    ],
)
def test_the_range_follows_from_the_type_and_the_image_alone(
    dtype: str, values: list[float], expected: list[int]
) -> None:
    scaled = to_uint8(np.array([values], dtype))
    assert scaled.dtype == np.uint8
    assert scaled.tolist() == [expected]


def test_a_stated_limit_is_white() -> None:
    assert to_uint8(np.array([[0, 100]], np.int32), limit=1000).tolist() == [[0, 26]]  # 25.5 rounds to even


def test_rows_are_scaled_alike_in_a_tall_image() -> None:
    column = np.arange(2000, dtype=np.uint16)[:, None]
    assert to_uint8(column)[:, 0].tolist() == [round(value * 255 / 4095) for value in range(2000)]


def test_channels_share_a_range() -> None:
    assert to_uint8(np.array([[[0, 1000, 65535]]], np.uint16)).tolist() == [[[0, 4, 255]]]


@pytest.mark.parametrize(
    ("values", "match"), [([[np.nan, np.inf]], "none of its values is a finite"), ([[1j]], "are complex128")]
)
def test_other_values_are_refused(values: list[list[complex]], match: str) -> None:
    with pytest.raises(DataError, match=match):
        to_uint8(np.array(values))
