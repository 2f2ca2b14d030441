import dataclasses
from pathlib import Path

import pytest
import torch

from decouple.errors import DataError, RunError
from decouple.files.features import (
    CachedViews,
    CacheKey,
    Features,
    StorageDtype,
    read_features,
    stored_dtype,
    write_features,
)
from decouple.files.tensor_files import TensorStream, write_tensors

ROWS = torch.tensor([[1.0, 2.0], [3.0, 4.0], [0.1, 6.0]])
LABELS = torch.tensor([1, 0, 1])
KEY = CacheKey("of the weights", "of the images", "side 8", "train", "float32")


def _write(path: Path, key: CacheKey = KEY, rows: torch.Tensor = ROWS) -> None:
    write_features(path, TensorStream(tuple(rows.shape), torch.float32, rows.split(2)), LABELS, key)  # type: ignore[no-untyped-call]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "train.safetensors"


def test_features_come_back_bit_for_bit(path: Path) -> None:
    _write(path)
    result = read_features(path, KEY)
    assert torch.equal(result.stored, ROWS)
    assert torch.equal(result.features, ROWS)
    assert torch.equal(result.labels, LABELS)
    assert result.labels.dtype == torch.int64


@pytest.mark.parametrize(
    ("precision", "dtype", "tenth"),
    [("float16", torch.float16, 0.0999755859375), ("bfloat16", torch.bfloat16, 0.10009765625)],
)
def test_half_is_how_they_are_stored_not_what_is_computed_with(
    path: Path, precision: StorageDtype, dtype: torch.dtype, tenth: float
) -> None:
    half = dataclasses.replace(KEY, precision=precision)
    _write(path, half)
    result = read_features(path, half)
    assert result.stored.dtype == dtype
    assert stored_dtype(path) == precision
    expected = ROWS.to(dtype).float()
    assert tenth in expected  # what 0.1 becomes
    assert torch.equal(result.features, expected)
    assert torch.equal(result.draw(torch.tensor([2, 0]), 0), expected[[2, 0]])
    assert torch.equal(torch.cat([rows for rows, _ in result.chunks(2)]), expected)


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ("weights", "belongs to other stage-one weights"),
        ("data", "belongs to other images"),
        ("transform", "was made with another preprocessing of the images"),
        ("split", "belongs to another split"),
        ("precision", "is stored at another precision"),
    ],
)
def test_a_foreign_cache_is_refused_with_the_reason(path: Path, part: str, reason: str) -> None:
    _write(path)
    with pytest.raises(RunError, match=rf"train\.safetensors {reason}$"):
        read_features(path, dataclasses.replace(KEY, **{part: "another"}))


def test_a_truncated_file_is_refused(path: Path) -> None:
    _write(path)
    complete = path.read_bytes()
    for length in (0, 7, 60, len(complete) - 1):
        path.write_bytes(complete[:length])
        with pytest.raises(RunError, match="is damaged"):
            read_features(path, KEY)
        assert stored_dtype(path) is None


def test_a_file_that_lacks_labels_or_a_row_is_refused(path: Path) -> None:
    write_tensors(path, {"features": ROWS}, dataclasses.asdict(KEY))
    with pytest.raises(RunError, match="is damaged: it holds no labels"):
        read_features(path, KEY)
    write_tensors(path, {"features": ROWS, "labels": LABELS[:2]}, dataclasses.asdict(KEY))
    with pytest.raises(RunError, match=r"is damaged: it holds 3 features of type torch.float32 and 2 labels"):
        read_features(path, KEY)


def test_a_writer_that_is_stopped_leaves_nothing(path: Path) -> None:
    _write(path)
    before = path.read_bytes()
    too_large = "100000 does not fit float16; use feature_precision=bfloat16"
    for value, message in ((float("nan"), "infinite or not a number"), (1e5, too_large)):
        bad = ROWS.clone()
        bad[2, 0] = value
        with pytest.raises(DataError, match=message):
            _write(path, dataclasses.replace(KEY, precision="float16"), bad)
        assert path.read_bytes() == before
        assert list(path.parent.iterdir()) == [path]


def test_a_mapped_file_may_be_replaced_while_it_is_in_use(path: Path) -> None:
    _write(path)
    result = read_features(path, KEY)
    _write(path, rows=ROWS + 1)
    assert torch.equal(result.stored, ROWS)


def test_without_views_a_draw_is_the_clean_feature() -> None:
    assert torch.equal(Features(ROWS, LABELS).draw(torch.tensor([2, 2, 0]), 3, 1), ROWS[[2, 2, 0]])


def test_with_views_a_draw_is_a_view_of_the_same_image() -> None:
    views = CachedViews(torch.arange(6.0).view(3, 2, 1), 2)  # image i has the views 2i and 2i + 1
    drawn = Features(ROWS, LABELS, views).draw(torch.tensor([0, 1, 2] * 50), 0, 0)
    assert drawn.squeeze(1).div(2, rounding_mode="floor").tolist() == [0, 1, 2] * 50
    assert set(drawn.squeeze(1).tolist()) == {0, 1, 2, 3, 4, 5}
