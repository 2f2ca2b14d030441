"""Making a run folder: it appears under its name when it is complete, or not at all."""

import contextlib
import dataclasses
import datetime
import errno
import itertools
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

from decouple.errors import RunError
from decouple.files.run_dir import RunDir
from decouple.files.run_manifest import FORMAT, STAGE1, TRAINING, RunKind, RunManifest, hash_settings, write_manifest


def create_run(
    root: Path,
    name: str | None,
    stem: str,
    fill: Callable[[RunDir], None],
    *,
    kind: RunKind = STAGE1,
    tuned_from: str | None = None,
) -> RunDir:
    """Make a new run folder under `root`, called `name`, or `stem` and the next free number.

    `fill` writes the first files. The folder appears under its name only when they are all there; if one fails, nothing
    is left behind.

    Raises:
        RunError: `name` exists already, or is no plain folder name.
        OSError: `root` cannot be written, or the disk is full.
    """
    if name is not None and (not name or Path(name).name != name or name.startswith(".")):
        raise RunError(f"`name` must be a plain folder name, got '{name}'; choose its folder with `runs`")
    new_folders = [folder for folder in (root, *root.parents) if not folder.exists()]
    draft = RunDir(root / f".new-{secrets.token_hex(8)}")
    try:
        draft.path.mkdir(parents=True)
        for folder in ("weights", "features", "classifiers", "tuning", "figures"):
            (draft.path / folder).mkdir()
        created = datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds")
        manifest = RunManifest(format=FORMAT, kind=kind, created=created, status=TRAINING, tuned_from=tuned_from)
        write_manifest(draft.manifest, manifest)
        fill(draft)
        manifest = dataclasses.replace(draft.read_manifest(), settings_hash=hash_settings(draft.config))
        write_manifest(draft.manifest, manifest)
        return RunDir(_take_name(draft.path, root, name, stem, resumable=kind == STAGE1))
    except BaseException:
        shutil.rmtree(draft.path, ignore_errors=True)
        for new_folder in new_folders:
            with contextlib.suppress(OSError):  # another run has appeared in it
                new_folder.rmdir()
        raise


def _take_name(draft: Path, root: Path, name: str | None, stem: str, *, resumable: bool) -> Path:
    for number in itertools.count(1):
        target = root / (name or f"{stem}-{number}")
        try:
            return draft.rename(target)  # fails when the target is a folder with anything in it
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                raise
        if name is not None:
            or_resume = ", or add `resume=True`" if resumable else ""
            raise RunError(f"the run {target} exists already; choose another `name`{or_resume}")
    raise AssertionError("unreachable: there is always a next number")
