"""The one place that writes files: whole or not at all.

Each writer fills a temporary file in the target's folder, flushes it to disk and renames it over the target, so that a
reader sees the old file or the new one and never a part of it, whenever the writer fails or is killed. (SIGKILL leaves
the temporary file behind: hidden, and read by nobody.)
"""

import contextlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


@contextlib.contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Yield a temporary path beside `target`; when the block ends well it becomes `target`, else it is removed.

    Raises:
        OSError: the folder cannot be written or the disk is full; `target` is then as it was.
    """
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(8)}.part")
    temporary.touch(exist_ok=False)
    mode = temporary.stat().st_mode  # what the umask leaves
    try:
        yield temporary
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())
        temporary.chmod(mode)  # safetensors puts a file of its own in the place, readable by the owner alone
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(target: Path, text: str) -> None:
    """Write `text` as UTF-8."""
    with replacing(target) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(target: Path, value: Mapping[str, Any]) -> None:
    """Write `value` as indented JSON; NaN and infinity are refused, because no other reader accepts them."""
    write_text(target, json.dumps(value, indent=2, allow_nan=False) + "\n")
