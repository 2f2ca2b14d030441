"""What a figure is drawn from: its options, and the runs or the sweep that they name."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from decouple.class_counts import longtail_counts
from decouple.errors import ConfigError, DataError
from decouple.figures.settings import FigureConfig
from decouple.figures.sources import LabelledRun, SweepTable, labels_of
from decouple.files.data_record import DataRecord
from decouple.files.text_files import read_text
from decouple.reporting.style import subtitle_of

_PROFILE_NOTES = {"smoke": "smoke run: stand-ins, no result", "cpu": "profile cpu: a small network, few epochs"}


@dataclass(frozen=True)
class FigureRequest:
    """A figure to draw."""

    config: FigureConfig
    runs: tuple[LabelledRun, ...] = ()
    sweep: SweepTable | None = None

    def subtitle(self, text: str = "") -> str:
        """Return the second line of the title: that of the options, else `text`, and what a short profile is worth."""
        line = text if self.config.title is None else self.config.title
        trains = bool(self.runs or self.sweep or self.config.lists)
        return " \u00b7 ".join(filter(None, (line, _PROFILE_NOTES.get(self.config.profile_run, "") if trains else "")))

    def table(self) -> SweepTable:
        """Return the table of the sweep."""
        if self.sweep is None:
            raise ConfigError("this figure is of a sweep; name its folder with `sweep`")
        return self.sweep

    def counts(self) -> list[int]:
        """Return the training images of every class: those of the options, else of their profile."""
        config = self.config
        if config.counts:
            return list(config.counts)
        if len(config.ratio) > 1:
            raise ConfigError(f"this figure is of one `ratio`, got {', '.join(f'{ratio:g}' for ratio in config.ratio)}")
        counts: list[int] = longtail_counts(
            config.profile, config.num_classes, config.max_count, config.ratio[0]
        ).tolist()
        return counts

    def counts_subtitle(self) -> str:
        """Return the second line of the title of a figure of class sizes."""
        counts = self.counts()
        source = "chosen counts" if self.config.counts else f"{self.config.profile} profile"
        return self.subtitle(f"{len(counts):,} classes, {max(counts):,} to {min(counts):,} images, {source}")

    def run_subtitle(self, *, method: str = "", note: str = "") -> str:
        """Return the second line of the title of a figure of runs: run, method, split, weights."""
        config = self.config
        name = self.runs[0].label if len(self.runs) == 1 else ""
        return self.subtitle(subtitle_of(name, method=method, split=config.split, weights=config.weights, note=note))

    def same_classes(self) -> DataRecord:
        """Return what the runs were trained on.

        Raises:
            DataError: their classes, or the sizes of these, differ.
        """
        first = self.runs[0].record
        for other in self.runs[1:]:
            record = other.record
            if (record.class_names, record.group_counts) != (first.class_names, first.group_counts):
                raise DataError(
                    f"{self.runs[0].label} and {other.label} differ in their classes or training images; "
                    "one figure shows runs of the same data"
                )
        return first

    def class_ranks(self, num_classes: int) -> tuple[int, ...]:
        """Return the ranks of `classes`, by falling number of training images; in a smoke run, ranks that it has.

        Raises:
            ConfigError: there is no such class.
        """
        ranks = self.config.classes
        if self.config.profile_run == "smoke":
            ranks = tuple(min(rank, num_classes - 1) for rank in ranks)
        for rank in ranks:
            if not 0 <= rank < num_classes:
                raise ConfigError(f"`classes` must be between 0 and {num_classes - 1}, got {rank}")
        return tuple(dict.fromkeys(ranks))

    def list_labels(self) -> Sequence[str]:
        """Return what the files of `lists` are called.

        Raises:
            ConfigError: `labels` has another number of names.
        """
        return labels_of(self.config, [Path(path).stem for path in self.config.lists])


def count_list(path: str) -> list[int]:
    """Return the images of every class in a text file of 'path label' lines.

    Raises:
        DataError: it cannot be read, or a line has no label.
    """
    if not Path(path).is_file():
        raise DataError(f"there is no list {path}; `lists` names text files of 'path label' lines, one an image")
    lines = [line.split() for line in read_text(Path(path)).splitlines() if line.strip()]
    wrong = [number for number, words in enumerate(lines, 1) if not words[-1].isdigit()]
    if wrong or not lines:
        raise DataError(f"line {wrong[0] if wrong else 1} of {path} does not end in the number of a class")
    counts: list[int] = np.bincount([int(words[-1]) for words in lines]).tolist()
    return counts
