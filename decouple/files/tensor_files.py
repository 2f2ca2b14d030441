"""Tensors on disk: safetensors files, written atomically, with text metadata."""

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from decouple.errors import RunError
from decouple.files.atomic import replacing

_DTYPE_NAMES = {  # in safetensors
    torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64"
}  # fmt: skip
_METADATA = "metadata"  # safetensors keeps texts only, so the metadata are one text of JSON
ALIGNMENT = 64  # bytes; at other addresses MKL multiplies float32 in another order on some processors


@dataclass(frozen=True)
class TensorStream:
    """A tensor that is computed chunk by chunk."""

    shape: tuple[int, ...]
    dtype: torch.dtype
    chunks: Iterable[Tensor]  # in order, together `shape[0]` rows


def write_tensors(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, object]) -> None:
    """Write tensors, and `metadata` (anything JSON holds) beside them.

    Raises:
        OSError: the folder cannot be written or the disk is full.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    copies = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    with replacing(path) as temporary:
        try:
            save_file(copies, temporary, metadata={_METADATA: json.dumps(dict(metadata))})
        except SafetensorError as error:  # it hides the operating system's error in its text
            code = re.search(r"(?:os error|code:) (\d+)", str(error))
            number = int(code[1]) if code else 5
            raise OSError(number, os.strerror(number), str(path)) from None


def write_stream(
    path: Path, tensors: Mapping[str, Tensor], name: str, stream: TensorStream, metadata: Mapping[str, object]
) -> None:
    """Write `tensors`, and behind them the tensor `name` chunk by chunk, so that only a chunk of it is in memory.

    The latter starts at a multiple of `ALIGNMENT` bytes, so that products do not depend on whether it is mapped.

    Raises:
        OSError: the folder cannot be written or the disk is full.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    header: dict[str, object] = {"__metadata__": {_METADATA: json.dumps(dict(metadata))}}
    start = end = 0
    shapes = {key: (tuple(tensor.shape), tensor.dtype) for key, tensor in tensors.items()}
    for key, (shape, dtype) in {**shapes, name: (stream.shape, stream.dtype)}.items():
        start, end = end, end + dtype.itemsize * torch.Size(shape).numel()
        header[key] = {"dtype": _DTYPE_NAMES[dtype], "shape": list(shape), "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    text += b" " * (-(8 + len(text) + start) % ALIGNMENT)  # the format lets a header end in spaces
    with replacing(path) as temporary, temporary.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for tensor in (*tensors.values(), *stream.chunks):
            file.write(tensor.detach().cpu().contiguous().view(torch.uint8).numpy().data)  # numpy has no bfloat16


def read_tensors(path: Path, device: str = "cpu") -> tuple[dict[str, Tensor], dict[str, object]]:
    """Return the tensors of a file and the metadata beside them.

    On the CPU the tensors are views of the mapped file: pages that are not used are not read. Tensors that do not start
    at a multiple of `ALIGNMENT` bytes are copied; in a file of `write_stream` these are the small ones.

    Raises:
        RunError: the file is missing, truncated, or not one of decouple.
    """
    metadata = read_metadata(path)
    with safe_open(path, framework="pt", device=device) as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    return {
        name: tensor.clone() if tensor.data_ptr() % ALIGNMENT else tensor for name, tensor in tensors.items()
    }, metadata


def read_metadata(path: Path) -> dict[str, object]:
    """Return the metadata alone; the tensors are not read.

    Raises:
        RunError: the file is missing, truncated, or not one of decouple.
    """
    try:
        with safe_open(path, framework="pt") as file:
            metadata = json.loads((file.metadata() or {})[_METADATA])
    except FileNotFoundError:
        raise RunError(f"{path} is missing; the run folder is not complete") from None
    except (SafetensorError, KeyError, ValueError) as error:
        raise RunError(f"{path} is damaged or not a file of decouple ({error})") from None
    if not isinstance(metadata, dict):
        raise RunError(f"{path} is damaged: its metadata are not a mapping")
    return metadata
