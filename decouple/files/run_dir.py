"""The folder of a run: the paths in it, its lock, and its typed files.

run.json           format, kind, time of creation, status (training, interrupted, failed, finished), hash of config.yaml
config.yaml        resolved settings; `decouple stage1 --config` reads it back
environment.json   versions, machine, command line
data.json          class names, images per class and split, groups, preprocessing, fingerprint
splits.safetensors   which images of the data set are in which split
history.csv        one row per epoch
feature_norms.safetensors   the mean feature norm of each class in each epoch
checkpoint.safetensors   everything needed to resume; removed when the run is finished
weights/           last.safetensors, best.safetensors, shifted.safetensors: backbone and classifier
features/          cached features, a file per split, in a folder per weights
classifiers/       the classifier of each stage-two method, in a folder per weights
results.json       every metric, of stage one and of each stage-two method
tuning/            one SQLite file per study
figures/           PNG and SVG
export/           what `decouple export` writes
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from decouple.files.data_record import DataRecord, read_data
from decouple.files.folder_lock import folder_lock
from decouple.files.results import MethodEntry, Results, read_results
from decouple.files.run_manifest import (
    RunManifest,
    RunStatus,
    read_manifest,
    set_status,
)


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
    def splits(self) -> Path:
        """Which images of the data set are in which split."""
        return self.path / "splits.safetensors"

    @property
    def history(self) -> Path:
        """One row per epoch."""
        return self.path / "history.csv"

    @property
    def feature_norms(self) -> Path:
        """The mean feature norm of each class in each epoch."""
        return self.path / "feature_norms.safetensors"

    @property
    def checkpoint(self) -> Path:
        """The state that `--resume` continues from."""
        return self.path / "checkpoint.safetensors"

    @property
    def results(self) -> Path:
        """Every metric."""
        return self.path / "results.json"

    @property
    def export(self) -> Path:
        """The folder of exported files."""
        return self.path / "export"

    def weights(self, checkpoint: str) -> Path:
        """Backbone and classifier of stage one; `checkpoint` is last, best or shifted."""
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
    def lock(self, *, wait_seconds: float = 0) -> Iterator[None]:
        """Hold the run for writing; wait for another process for `wait_seconds` at most.

        Raises:
            RunError: another process holds it.
        """
        message = f"the run {self.path} is in use by another process; wait for it to end"
        with folder_lock(self.path, in_use=message, wait_seconds=wait_seconds):
            for leftover in self.path.rglob(".*.part"):  # of a process that was killed while it wrote
                leftover.unlink(missing_ok=True)
            yield

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
