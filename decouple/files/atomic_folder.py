"""A folder of files that is written completely or not at all."""

import contextlib
import secrets
import shutil
from collections.abc import Iterator, Set
from pathlib import Path

from decouple.errors import ConfigError


@contextlib.contextmanager
def replacing_folder(target: Path, files: Set[str]) -> Iterator[Path]:
    """Yield a temporary folder beside `target`; it replaces `target`, or is deleted if the block raises.

    Args:
        target: a folder that does not exist, is empty, or holds nothing but files of those names: an earlier version.
        files: names of the files that the block writes.

    Raises:
        ConfigError: `target` is a file, or holds something else, which would be lost.
        OSError: the folder cannot be written or the disk is full.
    """
    if target.exists():
        if not target.is_dir():
            raise ConfigError(f"`out` must be a folder, and {target} is a file")
        others = sorted({path.name for path in target.iterdir()} - files)
        if others:
            raise ConfigError(
                f"the folder {target} holds other files, such as {others[0]}; choose a new one with `out`"
            )
    target.parent.mkdir(parents=True, exist_ok=True)
    mark = secrets.token_hex(8)
    temporary, previous = (target.with_name(f".{target.name}.{mark}.{kind}") for kind in ("part", "old"))
    temporary.mkdir()
    try:
        yield temporary
        if target.exists():
            target.rename(previous)
        temporary.rename(target)
    finally:
        for folder in (temporary, previous):
            shutil.rmtree(folder, ignore_errors=True)
