"""Combinations that a row of the table averages: along an axis, or over the values of one setting."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tuning.sweep.grid import AXES, Combination, SweepGrid
from tuning.sweep.profile import FULL
from tuning.sweep.table_options import SEED, AverageOver
from tuning.sweep.tasks import training_settings

Names = tuple[str, str, str]  # data, stage one, stage two
_TIED = {"model": ("pretrained",)}  # settings that differ because another one does


@dataclass(frozen=True)
class AverageGroup:
    """A row of means: the cells that it is over, and its names."""

    average: AverageOver
    names: Names
    combinations: tuple[Combination, ...]

    @property
    def published(self) -> Mapping[str, Any] | None:
        """The columns of its published values: what all members share, and what the average names."""
        if self.average.published is None:
            return None
        mappings = [
            {key: value for entry in combination for key, value in (entry.published or {}).items()}
            for combination in self.combinations
        ]
        shared = {
            key: value for key, value in mappings[0].items() if all(other.get(key) == value for other in mappings)
        }
        return {**shared, **self.average.published}


def average_groups(grid: SweepGrid) -> list[AverageGroup]:
    """Return the rows of means of a sweep, those of one average together, in the order of the file."""
    return [group for average in grid.average for group in _groups(grid, average)]


def names_of(combination: Combination) -> Names:
    """Return the names of the three entries."""
    return (combination[0].name, combination[1].name, combination[2].name)


def _groups(grid: SweepGrid, average: AverageOver) -> list[AverageGroup]:
    members: dict[object, list[Combination]] = {}
    for combination in grid.combinations():
        members.setdefault(_key(grid, average.over, combination), []).append(combination)
    return [AverageGroup(average, _names(average, group), tuple(group)) for group in members.values()]


def _key(grid: SweepGrid, over: str, combination: Combination) -> object:
    """Return what the members of a row share."""
    names = dict(zip(AXES, names_of(combination), strict=True))
    if over == SEED:
        return tuple(names.values())
    if over in names:
        return tuple(name for axis, name in names.items() if axis != over)
    data, stage1, stage2 = combination
    config = training_settings(dataclasses.replace(grid, profile=FULL), data, stage1)
    free = (over, *_TIED.get(over, ()))
    settings = {name: repr(value) for name, value in dataclasses.asdict(config).items() if name not in free}
    return tuple(settings.items()), stage2.name


def _names(average: AverageOver, group: Sequence[Combination]) -> Names:
    """Return the names of a row: those that its members share, and the average's for what differs."""
    columns = list(zip(*(names_of(combination) for combination in group), strict=True))
    labels = [_label(names, average.name) for names in columns]
    if all(len(set(names)) == 1 for names in columns):  # over seeds, or of one member
        axis = AXES.index(average.over) if average.over in AXES else 1
        labels[axis] = average.name if average.over in AXES else f"{labels[axis]} {average.name}"
    return (labels[0], labels[1], labels[2])


def _label(names: Sequence[str], name: str) -> str:
    """Return a name, or of several the parts that all have, and that of the average.

    Example:
        >>> _label(["ce-resnet50", "ce-vit"], "mean"), _label(["a", "b"], "mean"), _label(["a", "a"], "mean")
        ('ce mean', 'mean', 'a')
    """
    if len(set(names)) == 1:
        return names[0]
    parts = [part for part in names[0].split("-") if all(part in other.split("-") for other in names)]
    return " ".join(["-".join(parts), name]).strip()
