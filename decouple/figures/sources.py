"""The runs and the sweeps that figures are drawn from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from decouple.errors import ConfigError
from decouple.figures.settings import FigureConfig
from decouple.files.data_record import DataRecord
from decouple.files.replicates import find_runs
from decouple.files.run_checks import require_finished
from decouple.files.run_dir import RunDir
from decouple.files.run_lookup import find_run
from decouple.nearest_name import did_you_mean
from decouple.reporting.chosen_method import NO_METHOD
from stage2.saved_classifiers import saved_methods

AXES = ("data", "stage1", "stage2")  # of a sweep


@dataclass(frozen=True)
class LabelledRun:
    """A training, of one seed or of several, and what a figure calls it."""

    label: str
    seeds: tuple[RunDir, ...]
    entries: Mapping[str, str] = field(default_factory=dict)  # of a sweep: stage-two entry -> its name in the runs

    @property
    def run(self) -> RunDir:
        """The run of the first seed."""
        return self.seeds[0]

    @property
    def record(self) -> DataRecord:
        """What it was trained on."""
        return self.run.read_data()

    def entry(self, name: str, checkpoint: str) -> str:
        """Return the name in the run of an entry of stage two; "none" is stage one's own classifier.

        Raises:
            ConfigError: the run has none of that name.
        """
        entries = self.entries or {name: name for name in saved_methods(self.run, checkpoint)}
        entries = {NO_METHOD: NO_METHOD, **entries}
        if name not in entries:
            raise ConfigError(
                f"{self.run.path} has no entry '{name}' of stage two.{did_you_mean(name, entries)} "
                f"It has: {', '.join(entries)}"
            )
        return entries[name]


@dataclass(frozen=True)
class TableRow:
    """A row of the table of a sweep: one metric of one cell."""

    data: str
    stage1: str
    stage2: str
    column: str  # SPLIT/METRIC
    mean: float | None
    std: float | None  # over seeds


@dataclass(frozen=True)
class SweepTable:
    """The table of a sweep, and the settings of its entries."""

    folder: Path
    title: str
    rows: Sequence[TableRow]
    settings: Mapping[tuple[str, str], Mapping[str, object]]  # (axis, entry) -> its settings


def named_runs(config: FigureConfig) -> tuple[LabelledRun, ...]:
    """Return the runs that `run` names, or the latest; the name of several seeds stands for all of them.

    Raises:
        RunError: there is no such run, or it is not finished.
    """
    latest = [] if config.run else [(find_run(None, config.runs),)]
    runs = [tuple(find_runs(name, config.runs)) for name in config.run] or latest
    names = [Path(name).name for name in config.run] or [runs[0][0].name]
    for seeds in runs:
        for run in seeds:
            require_finished(run)
    labels = labels_of(config, names)
    return tuple(LabelledRun(label, seeds) for label, seeds in zip(labels, runs, strict=True))


def labels_of(config: FigureConfig, names: Sequence[str]) -> Sequence[str]:
    """Return `labels`, else the names themselves.

    Raises:
        ConfigError: `labels` has another number of names.
    """
    if config.labels and len(config.labels) != len(names):
        raise ConfigError(f"`labels` has {len(config.labels)} names for {len(names)}: {', '.join(names)}")
    return config.labels or names
