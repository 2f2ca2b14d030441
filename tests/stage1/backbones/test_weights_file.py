import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from decouple.errors import ConfigError
from stage1.backbones.weights_file import read_weights_file


class Recipe:
    """An object that a checkpoint may hold beside its tensors."""


@pytest.mark.parametrize("name", ["a.pth", "a.safetensors"])
def test_tensors_are_read(tmp_path: Path, name: str) -> None:
    weights = {"conv.weight": torch.arange(3.0)}
    (torch.save if name == "a.pth" else save_file)(weights, tmp_path / name)
    loaded = read_weights_file(tmp_path / name)
    assert list(loaded) == ["conv.weight"]
    assert torch.equal(loaded["conv.weight"], weights["conv.weight"])  # type: ignore[arg-type]


def _message(path: Path) -> str:
    with pytest.raises(ConfigError) as info:
        read_weights_file(path)
    message = str(info.value)
    for words in ("weights_only", "pickle", "allowlist", "101", "Error"):
        assert words not in message.partition(" cannot be read: ")[2]
    return message


@pytest.mark.parametrize("torch_archive", [True, False])
def test_objects_are_refused_without_the_advice_to_run_them(tmp_path: Path, torch_archive: bool) -> None:
    if torch_archive:
        torch.save({"model": Recipe()}, tmp_path / "a.pth")
    else:
        (tmp_path / "a.pth").write_bytes(pickle.dumps({"model": Recipe()}))
    assert "holds Python objects besides tensors" in _message(tmp_path / "a.pth")
    assert "torch.save(model.state_dict(), FILE)" in _message(tmp_path / "a.pth")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.pth", b"hello world", "it is damaged, or no file of weights; copy or download it again"),
        ("a.pth", b"", "it is damaged"),
        ("a.pth", b"PK\x03\x04 cut", "it is damaged"),
        ("a.safetensors", b"hello world, no safetensors", "it is damaged"),
        ("a.safetensors", b"version https://git-lfs.github.com/spec/v1\n", "it is a pointer of git LFS"),
        ("a.pth", b"\n<!DOCTYPE html><html>", "it is a web page, not a file of weights"),
    ],
)
def test_other_files_are_refused_with_a_remedy(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert reason in _message(tmp_path / name)


def test_no_dictionary(tmp_path: Path) -> None:
    torch.save([torch.zeros(1)], tmp_path / "a.pth")
    assert "it holds no dictionary of tensors; save model.state_dict()" in _message(tmp_path / "a.pth")
