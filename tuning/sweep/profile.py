"""A profile of a sweep: what `--profile-run` changes in its file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tuning.sweep.cell_pattern import CellPattern

PROFILE_NAMES = ("smoke", "cpu", "full")


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Settings over those of a file."""

    name: str
    defaults: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # axis -> settings under its entries
    data: Mapping[str, Any] = field(default_factory=dict)  # settings that win over those of all entries
    stage1: Mapping[str, Any] = field(default_factory=dict)
    stage2: Mapping[str, Any] = field(default_factory=dict)
    tune: Mapping[str, Any] = field(default_factory=dict)
    seeds: int | tuple[int, ...] | None = None  # at most so many, or these
    only: tuple[CellPattern, ...] = ()  # the cells that are run; none: all of the file
    stand_in: bool = False  # bundled images in place of the data of the file
    note: str | None = None  # for the table

    def folder_of(self, name: str) -> str:
        """Return a folder's name with that of the profile, so that its results are never mixed with others."""
        return name if self.name == "full" else f"{name}-{self.name}"


FULL = Profile(name="full")
