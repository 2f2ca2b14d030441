"""Find run folders: by path, by name, the latest, or all of a folder."""

import contextlib
from dataclasses import dataclass
from pathlib import Path

from decouple.errors import RunError
from decouple.files.fit_record import is_fit, preferred_run, recommended_run
from decouple.files.folder_lock import is_locked
from decouple.files.run_dir import RunDir
from decouple.files.run_manifest import INTERRUPTED, TRAINING, RunStatus
from decouple.nearest_name import did_you_mean


@dataclass(frozen=True)
class DamagedRun:
    """A folder that holds files of a run and cannot be opened as one."""

    path: Path
    reason: str


def open_run(path: Path) -> RunDir:
    """Return the run in that folder.

    Raises:
        RunError: there is no run of this version's format.
    """
    run = RunDir(path)
    if not path.is_dir():
        siblings = [sibling.name for sibling in list_runs(path.parent)]
        raise RunError(f"there is no run folder {path}.{did_you_mean(path.name, siblings)} `decouple runs` lists them.")
    if not run.manifest.exists():
        raise RunError(f"{path} is not a run folder: it has no run.json. Make one with `decouple stage1`.")
    run.read_manifest()
    return run


def list_runs(root: Path) -> list[RunDir]:
    """Return the runs under `root` that this version can read, oldest first."""
    created: list[tuple[str, str, RunDir]] = []
    for path in _folders(root):
        run = RunDir(path)
        with contextlib.suppress(RunError, OSError):
            created.append((run.read_manifest().created, run.name, run))
    return [run for _, _, run in sorted(created, key=lambda entry: entry[:2])]


def list_damaged_runs(root: Path) -> list[DamagedRun]:
    """Return the folders under `root` that hold files of a run and cannot be opened, by name."""
    damaged = []
    for path in sorted(_folders(root)):
        run = RunDir(path)
        if run.manifest.exists() or any(file.exists() for file in (run.data, run.results, run.weights("last"))):
            try:
                run.read_manifest()
            except (RunError, OSError) as error:
                damaged.append(DamagedRun(path, str(error)))
    return damaged


def present_status(run: RunDir) -> RunStatus:
    """Return the status of a run; of one whose process was killed while it trained, interrupted.

    While a process trains, it holds the lock of the folder.
    """
    status = run.read_manifest().status
    return INTERRUPTED if status == TRAINING and not is_locked(run.path) else status


def find_run(path: str | None, root: str) -> RunDir:
    """Return the run at `path`, else the run of that name under `root`, else, without a path, the latest under `root`.

    The folder of a `decouple fit` stands for the run that it recommends, and so do the runs of the latest fit where no
    path is given.

    Raises:
        RunError: there is none.
    """
    if path is not None:
        is_name = Path(path).name == path and not (Path(path) / "run.json").exists() and not is_fit(Path(path))
        folder = Path(root) / path if is_name else Path(path)
        return open_run(recommended_run(folder).path if is_fit(folder) else folder)
    if (Path(root) / "run.json").exists():
        raise RunError(f"{root} is itself a run; name it with `run={root}`")
    runs = list_runs(Path(root))
    if not runs:
        raise RunError(f"there is no run in {root}; train one with `decouple stage1`, or name its folder with `run`")
    return preferred_run(runs[-1])


def _folders(root: Path) -> list[Path]:
    """Return the folders under `root`; a name with a dot in front is a run that is being made."""
    if not root.is_dir():
        return []
    return [path for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")]
