from pathlib import Path

import pytest
import torch

from decouple.errors import RunError
from decouple.files.feature_norms import FeatureNorms, read_feature_norms, write_feature_norms
from decouple.files.tensor_files import write_tensors


def test_a_round_trip_keeps_the_bits_and_the_split(tmp_path: Path) -> None:
    norms = torch.tensor([[0.1, torch.nan], [3.0, 4.0], [5.0, 6.0]])
    write_feature_norms(tmp_path / "norms", FeatureNorms(norms, "train"))
    record = read_feature_norms(tmp_path / "norms")
    assert record is not None
    assert record.split == "train"
    assert torch.equal(record.norms.isnan(), norms.isnan())
    assert torch.equal(record.norms.nan_to_num(), norms.nan_to_num())


def test_an_older_run_has_none(tmp_path: Path) -> None:
    assert read_feature_norms(tmp_path / "norms") is None


def test_another_file_is_refused(tmp_path: Path) -> None:
    write_tensors(tmp_path / "norms", {"norms": torch.ones(3)}, {"split": "val"})
    with pytest.raises(RunError, match=r"norms is damaged: it holds no table of norms"):
        read_feature_norms(tmp_path / "norms")
    write_tensors(tmp_path / "norms", {"norms": torch.ones(3, 2)}, {"split": "valley"})
    with pytest.raises(RunError, match="split"):
        read_feature_norms(tmp_path / "norms")
