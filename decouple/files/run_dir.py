"""One folder per run: what is in it, and the only ways to make, find, open, lock and update one.

run.json           format, kind, time of creation, status (training, interrupted, failed, finished)
config.yaml        resolved settings; `decouple stage1 --config` reads it back
environment.json   versions, machine, command line
data.json          class names, images per class and split, groups, preprocessing, fingerprint
history.csv        one row per epoch
checkpoint.safetensors   everything needed to resume; removed when the run is finished
weights/           last.safetensors, best.safetensors: backbone and classifier
features/          cached features, a file per split, in a folder per weights
classifiers/             the classifier of each stage-two method, in a folder per weights
results.json       every metric, of stage one and of each stage-two method
tuning/            one SQLite file per study
figures/           PNG
"""

import contextlib
import dataclasses
import datetime
import errno
import itertools
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from decouple.errors import RunError
from decouple.files.data_record import DataRecord, read_data
from decouple.files.results import MethodEntry, Results, read_results
from decouple.files.run_manifest import (
    FAILED,
    FINISHED,
    FORMAT,
    STAGE1,
    TRAINING,
    RunKind,
    RunManifest,
    RunStatus,
    hash_settings,
    read_manifest,
    set_status,
    write_manifest,
)
from decouple.lookup import did_you_mean


@dataclass(frozen=True)
class RunDir:
    """The path of a run folder, and the paths in it."""

    path: Path

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.path.name

    @property
    def manifest(self) -> Path:
        """The file that makes a folder a run."""
        return self.path / "run.json"

    @property
    def config(self) -> Path:
        """The resolved settings."""
        return self.path / "config.yaml"

    @property
    def environment(self) -> Path:
        """Versions and machine."""
        return self.path / "environment.json"

    @property
    def data(self) -> Path:
        """What was trained on."""
        return self.path / "data.json"

    @property
    def history(self) -> Path:
        """One row per epoch."""
        return self.path / "history.csv"

    @property
    def checkpoint(self) -> Path:
        """The state that `--resume` continues from."""
        return self.path / "checkpoint.safetensors"

    @property
    def results(self) -> Path:
        """Every metric."""
        return self.path / "results.json"

    def weights(self, checkpoint: str) -> Path:
        """Backbone and classifier of stage one; `checkpoint` is last or best."""
        return self.path / "weights" / f"{checkpoint}.safetensors"

    def features(self, checkpoint: str, split: str) -> Path:
        """Cached features of a split under the weights `checkpoint`."""
        return self.path / "features" / checkpoint / f"{split}.safetensors"

    def classifier(self, checkpoint: str, method: str) -> Path:
        """The classifier that a stage-two method fitted under the weights `checkpoint`."""
        return self.path / "classifiers" / checkpoint / f"{method}.safetensors"

    def study(self, name: str) -> Path:
        """The SQLite file of a search."""
        return self.path / "tuning" / f"{name}.db"

    def figure(self, name: str, checkpoint: str = "last") -> Path:
        """A picture; those of the best weights lie in a folder of their own."""
        return self.path / "figures" / ("" if checkpoint == "last" else checkpoint) / f"{name}.png"

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the run for writing.

        Raises:
            RunError: another process holds it.
        """
        lock = FileLock(self.path / ".lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise RunError(f"the run {self.path} is in use by another process; wait for it to end") from None
        try:
            for leftover in self.path.rglob(".*.part"):  # of a process that was killed while it wrote
                leftover.unlink(missing_ok=True)
            yield
        finally:
            lock.release()

    def read_manifest(self) -> RunManifest:
        """Return run.json."""
        return read_manifest(self.manifest)

    def set_status(self, status: RunStatus) -> None:
        """Record training, interrupted, failed or finished."""
        set_status(self.manifest, status)

    def read_data(self) -> DataRecord:
        """Return data.json."""
        return read_data(self.data)

    def read_results(self) -> Results:
        """Return results.json, without entries before there are results."""
        return read_results(self.results)

    def read_stage2(self, checkpoint: str) -> dict[str, MethodEntry]:
        """Return the results of each stage-two method under the weights `checkpoint`."""
        return self.read_results().stage2.get(checkpoint, {})


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


def open_run(path: Path) -> RunDir:
    """Return the run in that folder.

    Raises:
        RunError: there is no run of this version's format.
    """
    run = RunDir(path)
    if not path.is_dir():
        siblings = [run.name for run in list_runs(path.parent)]
        raise RunError(f"there is no run folder {path}.{did_you_mean(path.name, siblings)} `decouple runs` lists them.")
    if not run.manifest.exists():
        raise RunError(f"{path} is not a run folder: it has no run.json. Make one with `decouple stage1`.")
    run.read_manifest()
    return run


def list_runs(root: Path) -> list[RunDir]:
    """Return the runs under `root` that this version can read, oldest first."""
    if not root.is_dir():
        return []
    runs = []
    for manifest in root.glob("[!.]*/run.json"):  # a name with a dot in front is a run that is being made
        with contextlib.suppress(RunError, OSError):
            run = open_run(manifest.parent)
            runs.append((run.read_manifest().created, run.name, run))
    return [run for _, _, run in sorted(runs, key=lambda entry: entry[:2])]


def find_run(path: str | None, root: str) -> RunDir:
    """Return the run at `path`, else the run of that name under `root`, else, without a path, the latest under `root`.

    Raises:
        RunError: there is none.
    """
    if path is not None:
        is_name = Path(path).name == path and not (Path(path) / "run.json").exists()
        return open_run(Path(root) / path if is_name else Path(path))
    if (Path(root) / "run.json").exists():
        raise RunError(f"{root} is itself a run; name it with --run {root}")
    runs = list_runs(Path(root))
    if not runs:
        raise RunError(f"there is no run in {root}; train one with `decouple stage1`, or name its folder with --run")
    return runs[-1]


def require_finished(run: RunDir) -> RunDir:
    """Return `run`, which must hold a finished stage one.

    Raises:
        RunError: stage one is missing or unfinished.
    """
    status = run.read_manifest().status
    if status == FAILED:
        raise RunError(
            f"the run {run.path} ended with a loss or weights that are not finite numbers; "
            "train again with a lower --lr, or name another run with --run"
        )
    if status == FINISHED:
        _require_whole(run)
    else:
        raise RunError(
            f"the run {run.path} has no finished stage one; continue it with "
            f"`decouple stage1 --resume --runs {run.path.parent} --name {run.name}`"
        )
    return run


def _require_whole(run: RunDir) -> None:
    for path in (run.weights("last"), run.results):
        if not path.exists():
            raise RunError(f"{path} is missing; the run folder is not complete: restore the file, or train again")
    if "last" not in run.read_results().stage1:
        raise RunError(f"{run.results} is damaged: it holds no metrics of stage one; restore it, or train again")
