import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from decouple.errors import RunError
from decouple.files import tensor_files
from decouple.files.tensor_files import TensorStream, read_metadata, read_tensors, write_stream, write_tensors

NO_ROOM = """
import pathlib, resource, sys, torch
from decouple.files.tensor_files import write_tensors
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_tensors(pathlib.Path(sys.argv[1]), {"a": torch.zeros(10_000)}, {})
except OSError as error:
    sys.exit(error.errno)
"""
DTYPES = [
    torch.float32,
    torch.float64,
    torch.float16,
    torch.bfloat16,
    torch.int64,
    torch.int32,
    torch.uint8,
    torch.bool,
]


@pytest.mark.parametrize("dtype", DTYPES)
def test_tensors_come_back_as_they_were(dtype: torch.dtype, tmp_path: Path) -> None:
    tensors = {"a": torch.tensor([[0, 1, 3], [1, 0, 0]]).to(dtype), "scalar": torch.tensor(1).to(dtype)}
    write_tensors(tmp_path / "t.safetensors", tensors, {})
    result, _ = read_tensors(tmp_path / "t.safetensors")
    assert result.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert result[name].dtype == dtype
        assert torch.equal(result[name], tensor)


def test_views_shared_empty_and_trained_tensors(tmp_path: Path) -> None:
    base = torch.arange(6.0).reshape(2, 3)
    tensors = {
        "turned": base.T,
        "again": base,
        "row": base[1],
        "empty": torch.zeros(0, 4),
        "trained": torch.ones(2, requires_grad=True),
    }
    write_tensors(tmp_path / "t.safetensors", tensors, {})
    result, _ = read_tensors(tmp_path / "t.safetensors")
    assert all(torch.equal(result[name], tensor) for name, tensor in tensors.items())


def test_facts_come_back_and_can_be_read_alone(tmp_path: Path) -> None:
    metadata = {"epoch": 3, "text": "τ", "none": None, "nested": {"a": [1, 2.5]}}
    write_tensors(tmp_path / "t.safetensors", {"a": torch.zeros(1)}, metadata)
    assert read_tensors(tmp_path / "t.safetensors")[1] == metadata
    assert read_metadata(tmp_path / "t.safetensors") == metadata


def test_the_folder_is_made(tmp_path: Path) -> None:
    write_tensors(tmp_path / "a" / "b" / "t.safetensors", {"a": torch.zeros(1)}, {})
    assert os.listdir(tmp_path / "a" / "b") == ["t.safetensors"]


def test_a_missing_file(tmp_path: Path) -> None:
    for read in (read_tensors, read_metadata):
        with pytest.raises(RunError, match=r"t\.safetensors is missing; the run folder is not complete"):
            read(tmp_path / "t.safetensors")


@pytest.mark.parametrize("kept", [0, 4, 20, -1])
def test_a_truncated_file(kept: int, tmp_path: Path) -> None:
    path = tmp_path / "t.safetensors"
    write_tensors(path, {"a": torch.zeros(100)}, {})
    path.write_bytes(path.read_bytes()[:kept])
    for read in (read_tensors, read_metadata):
        with pytest.raises(RunError, match=r"t\.safetensors is damaged or not a file of decouple"):
            read(path)


@pytest.mark.parametrize("metadata", [None, {"other": "{}"}, {"metadata": "not json"}, {"metadata": "[1]"}])
def test_a_file_of_someone_else(metadata: dict[str, str] | None, tmp_path: Path) -> None:
    save_file({"a": torch.zeros(1)}, tmp_path / "t.safetensors", metadata=metadata)
    with pytest.raises(RunError, match=r"t\.safetensors is damaged"):
        read_tensors(tmp_path / "t.safetensors")


def test_a_picture_is_not_tensors(tmp_path: Path) -> None:
    (tmp_path / "t.safetensors").write_bytes(b"\x89PNG\r\n\x1a\n" * 40)
    with pytest.raises(RunError, match="not a file of decouple"):
        read_tensors(tmp_path / "t.safetensors")


@pytest.mark.parametrize(
    ("text", "number"),
    [("I/O error: No space left on device (os error 28)", errno.ENOSPC), ("something else", errno.EIO)],
)
def test_a_full_disk_is_an_os_error_and_leaves_the_old_file(
    text: str, number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.safetensors"
    write_tensors(path, {"a": torch.ones(2)}, {})

    def full(_tensors: object, place: Path, metadata: object) -> None:
        Path(place).write_bytes(b"half")
        raise SafetensorError(text)

    monkeypatch.setattr(tensor_files, "save_file", full)
    with pytest.raises(OSError, match=r"t\.safetensors") as caught:
        write_tensors(path, {"a": torch.zeros(2)}, {})
    assert caught.value.errno == number
    assert os.listdir(tmp_path) == ["t.safetensors"]
    assert torch.equal(read_tensors(path)[0]["a"], torch.ones(2))


def test_a_real_write_error_leaves_nothing(tmp_path: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", NO_ROOM, str(tmp_path / "t.safetensors")], check=False)
    assert ended.returncode == errno.EFBIG
    assert os.listdir(tmp_path) == []


def test_permissions_are_those_that_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_tensors(tmp_path / "t.safetensors", {"a": torch.zeros(1)}, {})
    finally:
        os.umask(before)
    assert (tmp_path / "t.safetensors").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("count", range(1, 9))
@pytest.mark.parametrize("word", ["", "a", "ab", "abcdefgh"])
def test_tensors_start_where_memory_of_torch_does(count: int, word: str, tmp_path: Path) -> None:
    """A product's last bit depends on it on some processors: mapped and computed features must give the same."""
    path, rows, labels = tmp_path / "t.safetensors", torch.rand(count, 3), torch.arange(count)
    write_stream(path, {"labels": labels}, "features", TensorStream((count, 3), torch.float32, [rows]), {"word": word})
    with safe_open(path, framework="pt") as opened:
        assert opened.get_tensor("features").data_ptr() % 64 == 0
    write_tensors(tmp_path / "s.safetensors", {"a": rows, "b": labels, "c": rows[0]}, {"word": word})
    for name in ("t", "s"):
        result, metadata = read_tensors(tmp_path / f"{name}.safetensors")
        assert all(tensor.data_ptr() % 64 == 0 for tensor in result.values())
        assert metadata == {"word": word}
