from pathlib import Path

import pytest
import torch

from decouple.errors import RunError
from decouple.features import Features, read_features, write_features
from decouple.tensor_files import write_tensors

FOUND = Features(torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([1, 0]))


def test_features_come_back_bit_for_bit(tmp_path: Path) -> None:
    write_features(tmp_path / "train.safetensors", FOUND, "abc")
    found = read_features(tmp_path / "train.safetensors", "abc")
    assert torch.equal(found.features, FOUND.features)
    assert torch.equal(found.labels, FOUND.labels)
    assert found.labels.dtype == torch.int64


def test_features_of_other_weights_are_refused_with_the_way_out(tmp_path: Path) -> None:
    write_features(tmp_path / "train.safetensors", FOUND, "abc")
    with pytest.raises(RunError, match="do not belong to the weights and data of this run; add --refresh-features"):
        read_features(tmp_path / "train.safetensors", "abd")


def test_a_damaged_file_is_refused_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "train.safetensors").write_bytes(b"half")
    with pytest.raises(RunError, match=r"is damaged .*; add --refresh-features to compute them again"):
        read_features(tmp_path / "train.safetensors", "abc")


def test_a_file_without_labels_is_refused_with_the_way_out(tmp_path: Path) -> None:
    write_tensors(tmp_path / "train.safetensors", {"features": FOUND.features}, {"fingerprint": "abc"})
    with pytest.raises(RunError, match="holds no 'labels'; add --refresh-features"):
        read_features(tmp_path / "train.safetensors", "abc")
