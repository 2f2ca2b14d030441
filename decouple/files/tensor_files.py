"""Tensors on disk: safetensors files, written atomically, with text metadata."""

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from decouple.errors import RunError
from decouple.files.atomic import replacing

_NAMES = {  # what safetensors calls them
    torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64"
}  # fmt: skip
ALIGNED = 64  # bytes; off such a place MKL multiplies float32 in another order on some processors: other last bits


@dataclass(frozen=True)
class TensorStream:
    """A tensor that is made part by part."""

    shape: tuple[int, ...]
    dtype: torch.dtype
    parts: Iterable[Tensor]  # in order, together as many rows as the shape says


def write_tensors(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, object]) -> None:
    """Write tensors, and `metadata` (anything JSON holds) beside them.

    Raises:
        OSError: the folder cannot be written or the disk is full.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    with replacing(path) as temporary:
        try:
            save_file(whole, temporary, metadata={"facts": json.dumps(dict(metadata))})
        except SafetensorError as error:  # it hides the operating system's error in its text
            code = re.search(r"(?:os error|code:) (\d+)", str(error))
            number = int(code[1]) if code else 5
            raise OSError(number, os.strerror(number), str(path)) from None


def write_stream(
    path: Path, whole: Mapping[str, Tensor], name: str, rows: TensorStream, metadata: Mapping[str, object]
) -> None:
    """Write the tensors `whole`, and behind them the tensor `name`, of which only a part is ever in memory.

    The latter starts at a multiple of `ALIGNED` bytes, so that products do not depend on whether it is mapped.

    Raises:
        OSError: the folder cannot be written or the disk is full.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    header: dict[str, Any] = {"__metadata__": {"facts": json.dumps(dict(metadata))}}
    start = end = 0
    shapes = {each: (tuple(tensor.shape), tensor.dtype) for each, tensor in whole.items()}
    for each, (shape, dtype) in {**shapes, name: (rows.shape, rows.dtype)}.items():
        start, end = end, end + dtype.itemsize * torch.Size(shape).numel()
        header[each] = {"dtype": _NAMES[dtype], "shape": list(shape), "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    text += b" " * (-(8 + len(text) + start) % ALIGNED)  # the format lets a header end in spaces
    with replacing(path) as temporary, temporary.open("wb") as opened:
        opened.write(len(text).to_bytes(8, "little") + text)
        for tensor in (*whole.values(), *rows.parts):
            opened.write(tensor.detach().cpu().contiguous().view(torch.uint8).numpy().data)  # numpy has no bfloat16


def read_tensors(path: Path, device: str = "cpu") -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return the tensors of a file and the facts beside them.

    On the CPU the tensors are views of the mapped file: what is not looked at is not read. Those that do not start at
    a multiple of `ALIGNED` bytes are copied; of `write_stream` these are the small ones.

    Raises:
        RunError: the file is missing, truncated, or not one of ours.
    """
    metadata = read_metadata(path)
    with safe_open(path, framework="pt", device=device) as opened:
        tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 - not a dict
    return {
        name: tensor.clone() if tensor.data_ptr() % ALIGNED else tensor for name, tensor in tensors.items()
    }, metadata


def read_metadata(path: Path) -> dict[str, Any]:
    """Return only the facts; the tensors are not read.

    Raises:
        RunError: the file is missing, truncated, or not one of ours.
    """
    try:
        with safe_open(path, framework="pt") as opened:
            metadata = json.loads((opened.metadata() or {})["facts"])
    except FileNotFoundError:
        raise RunError(f"{path} is missing; the run folder is not whole") from None
    except (SafetensorError, KeyError, ValueError) as error:
        raise RunError(f"{path} is damaged or not a file of decouple ({error})") from None
    if not isinstance(metadata, dict):
        raise RunError(f"{path} is damaged: its facts are not an object")
    return metadata
