"""Atomic writes: a file is written completely or not at all.

A writer fills a temporary file in the target's folder, flushes it to disk and renames it over the target. So a reader
sees the old file or the new one and never a part of it, even if the writer fails or is killed. (SIGKILL leaves the
temporary file behind; it is hidden, and nobody reads it.)
"""

import contextlib
import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path

from decouple.files.json_text import json_text


@contextlib.contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Yield a temporary path beside `target`; it replaces `target`, or is deleted if the block raises.

    Raises:
        OSError: the folder cannot be written or the disk is full; `target` is then as it was.
    """
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(8)}.part")
    temporary.touch(exist_ok=False)
    mode = temporary.stat().st_mode  # what the umask leaves
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.chmod(mode)  # safetensors replaces the file by one that only the owner can read
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(target: Path, text: str) -> None:
    """Write `text` as UTF-8."""
    with replacing(target) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(target: Path, value: Mapping[str, object]) -> None:
    """Write `value` as indented JSON; NaN and infinity are refused, as JSON has neither."""
    write_text(target, json_text(value) + "\n")
