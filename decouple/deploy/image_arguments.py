"""The words of `decouple predict RUN IMAGES...`: which run, and which images."""

import glob
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from decouple.config.predict_settings import STDIN
from decouple.datasets.image_paths import ImagePaths, expand_image_paths
from decouple.datasets.skipped import skipped_lines
from decouple.errors import ConfigError, DataError
from decouple.files.fit_record import is_fit
from decouple.files.run_dir import RunDir
from decouple.files.run_lookup import find_run, list_runs
from decouple.nearest_name import did_you_mean


@dataclass(frozen=True)
class RunAndImages:
    """A run, and the words that name images."""

    run: RunDir
    words: tuple[str, ...]


def split_run(words: Sequence[str], run: str | None, runs: str) -> RunAndImages:
    """Return the run and the words that name images.

    The first word is the run if it is the folder of a run or of a fit, or the name of one under `runs`; where it is
    also the name of a file or folder here and no word follows, it means that. Without a run it is the latest one. With
    `run`, all words name images.

    Raises:
        ConfigError: no word names images.
        DataError: the first word is neither a run nor a file or folder.
        RunError: there is no run.
    """
    images = tuple(words)
    if run is None and images:
        if _is_run(images, runs):
            run, images = images[0], images[1:]
        else:
            _require_exists(images[0], runs)
    if not images:
        raise ConfigError("name the images: files, folders, patterns such as 'new/*.jpg', or - for a list on stdin")
    return RunAndImages(find_run(run, runs), images)


def image_files(words: Sequence[str]) -> ImagePaths:
    """Return the image files that words name, and what was not read of their folders.

    The word ``-`` stands for the lines of stdin, a file or folder in each; they come last. A file that is listed there
    and missing is returned too: reading it says so.

    Raises:
        DataError: there is no such file or folder, or no image at all.
    """
    lines = _stdin_lines() if STDIN in words else []
    folders = [line for line in lines if os.path.isdir(line)]
    listing = expand_image_paths([*(word for word in words if word != STDIN), *folders])
    files = [line for line in lines if not os.path.isdir(line)]
    paths = tuple(dict.fromkeys([*listing.paths, *files]))  # none twice
    if not paths:
        message = "there is no image on stdin" if words == (STDIN,) else f"there is no image in {', '.join(words)}"
        raise DataError("; ".join([message, *skipped_lines(listing.skipped)]))
    return ImagePaths(paths, listing.skipped)


def _is_run(words: Sequence[str], runs: str) -> bool:
    first = Path(words[0])
    if _holds_run(first):
        return True
    is_name = first.name == words[0] and _holds_run(Path(runs) / first)
    return is_name and (len(words) > 1 or not first.exists())


def _holds_run(folder: Path) -> bool:
    """Return whether a folder is a run, or a fit, which stands for the run that it recommends."""
    return (folder / "run.json").exists() or is_fit(folder)


def _require_exists(word: str, runs: str) -> None:
    """Check the first word, which may be a mistyped run."""
    if word == STDIN or glob.has_magic(word) or os.path.exists(os.path.expanduser(word)):
        return
    names = [run.name for run in list_runs(Path(runs))]
    raise DataError(f"'{word}' is neither a run nor a file or folder.{did_you_mean(word, names)}")


def _stdin_lines() -> list[str]:
    text = sys.stdin.buffer.read().decode(sys.getfilesystemencoding(), "surrogateescape")
    return [line for line in text.replace("\r\n", "\n").split("\n") if line.strip()]
