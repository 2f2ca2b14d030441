"""The file of a sweep: what its keys may be, and the runs and cells that it asks for."""

import dataclasses
import hashlib
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from decouple.config.settings_yaml import from_mapping, to_yaml
from decouple.config.yaml_file import read_yaml
from decouple.datasets.settings import DataConfig
from decouple.errors import ConfigError
from decouple.files.replicates import member_name
from decouple.lookup import did_you_mean, look_up
from stage1.settings import Stage1Config
from stage2.external_features_settings import ExternalFeaturesOptions
from stage2.methods import METHODS
from stage2.settings import ALL, Stage2Config

KEYS = ("name", "data", "stage1", "stage2", "seeds", "workers", "groups", "published", "published_splits")
GROUPS = {
    "many_medium_few": ("many", "medium", "few"),
    "thirds": ("head", "middle", "tail"),
    "halves": ("head", "tail"),
}
OF_THE_SWEEP = frozenset({"run", "runs", "seed", "seeds", "name", "resume", "device"})
_DATA = frozenset(each.name for each in fields(DataConfig))
_STAGE1 = frozenset(each.name for each in fields(Stage1Config)) - _DATA - OF_THE_SWEEP
_STAGE2 = frozenset(each.name for each in fields(Stage2Config)) - OF_THE_SWEEP - {"root", "refresh_features"}
ALLOWED = {
    "data": _DATA,
    "stage1": _STAGE1,
    "stage2": _STAGE2 - {each.name for each in fields(ExternalFeaturesOptions)},
}
NAMED_BY = {"data": "data", "stage1": "loss", "stage2": "method"}  # the setting that names an entry without a name


@dataclass(frozen=True)
class Entry:
    """One choice along one side of the grid."""

    name: str
    settings: Any  # DataConfig, Stage1Config or Stage2Config
    published: Mapping[str, Any] | None  # columns of the table of published values, and what stands in them


@dataclass(frozen=True)
class Cell:
    """One method on one stage-one run."""

    data: str
    stage1: str
    stage2: str
    seed: int
    run: str  # name of the stage-one run
    settings: Stage2Config
    fingerprint: str  # of all settings that decide the result

    @property
    def name(self) -> str:
        """What the cell is called in cells.json."""
        return f"{self.run}/{self.stage2}"


@dataclass(frozen=True)
class Task:
    """A stage-one run and all cells on it: what one worker does."""

    config: Stage1Config
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Plan:
    """A sweep as its file describes it."""

    path: Path
    name: str
    data: tuple[Entry, ...]
    stage1: tuple[Entry, ...]
    stage2: tuple[Entry, ...]
    seeds: tuple[int, ...]
    workers: int
    groups: str  # a key of GROUPS
    published: str | None  # CSV file
    published_splits: Mapping[str, str]  # our split: what the published table calls it

    def tasks(self, runs: Path) -> Iterator[Task]:
        """Yield the stage-one runs, which go into the folder `runs`, with their cells."""
        for data, stage1, seed in itertools.product(self.data, self.stage1, self.seeds):
            shared = {name: getattr(data.settings, name) for name in _DATA}
            run = member_name(f"{data.name}-{stage1.name}", seed)
            config = dataclasses.replace(stage1.settings, **shared, seed=seed, name=run, runs=str(runs))
            cells = (self._cell(data, stage1, stage2, config) for stage2 in self.stage2)
            yield Task(config, tuple(cells))

    def _cell(self, data: Entry, stage1: Entry, stage2: Entry, config: Stage1Config) -> Cell:
        settings = dataclasses.replace(stage2.settings, seed=config.seed)
        decisive = to_yaml(dataclasses.replace(config, runs="", name=None, device="auto")) + to_yaml(settings)
        digest = hashlib.blake2b(decisive.encode(), digest_size=8).hexdigest()
        return Cell(data.name, stage1.name, stage2.name, config.seed, str(config.name), settings, digest)


def read_plan(path: Path) -> Plan:
    """Return the sweep that a YAML file describes.

    Raises:
        ConfigError: the file cannot be read, a key is unknown or missing, or a value is refused.
    """
    values = read_yaml(path)
    _refuse_unknown(values, KEYS, str(path))
    for key in ("name", "stage2"):
        if key not in values:
            raise ConfigError(f"{path} needs '{key}'")
    groups = _typed(values, "groups", str, "many_medium_few", path)
    look_up(GROUPS, groups, f"scheme of groups in {path}")
    splits = _typed(values, "published_splits", dict, {}, path)
    _refuse_unknown(splits, ("all", "long_tailed", *GROUPS[groups]), f"published_splits of {path}")
    plan = Plan(
        path=path,
        name=_plain_name(_typed(values, "name", str, "", path), path),
        data=_entries(values, "data", path),
        stage1=_entries(values, "stage1", path),
        stage2=_entries(values, "stage2", path),
        seeds=_seeds(values.get("seeds", 1), path),
        workers=_typed(values, "workers", int, 1, path),
        groups=groups,
        published=_typed(values, "published", str, None, path),
        published_splits=splits,
    )
    if plan.workers < 1:
        raise ConfigError(f"'workers' in {path} must be 1 or more, got {plan.workers}")
    described = [entry for entry in (*plan.data, *plan.stage1, *plan.stage2) if entry.published is not None]
    if described and plan.published is None:
        raise ConfigError(f"'{described[0].name}' in {path} names published values; say in which file with 'published'")
    return plan


def _typed(values: Mapping[str, Any], key: str, kind: type[Any], default: Any, path: Path) -> Any:
    value = values.get(key, default)
    if key in values and (not isinstance(value, kind) or isinstance(value, bool)):
        words = {str: "text", int: "a whole number", dict: "a mapping"}[kind]
        raise ConfigError(f"'{key}' in {path} must be {words}, got '{value}'.")
    return value


def _seeds(value: Any, path: Path) -> tuple[int, ...]:
    """Return the seeds: so many from 0 on, or those in the list."""
    listed = list(range(value)) if isinstance(value, int) and not isinstance(value, bool) else value
    whole = isinstance(listed, list) and all(type(seed) is int and seed >= 0 for seed in listed)
    if not whole or not listed or len(set(listed)) < len(listed):
        raise ConfigError(f"'seeds' in {path} must be a number of seeds or a list of different ones, got '{value}'")
    return tuple(listed)


def _entries(values: Mapping[str, Any], side: str, path: Path) -> tuple[Entry, ...]:
    listed = values.get(side, [{}])
    if not isinstance(listed, list) or not listed or not all(isinstance(each, dict) for each in listed):
        raise ConfigError(f"'{side}' in {path} must be a list of mappings")
    found = tuple(_entry(each, side, f"{side} {number} of {path}") for number, each in enumerate(listed, start=1))
    names = [entry.name for entry in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ConfigError(f"two entries of '{side}' in {path} are called '{twice}'; give each a 'name' of its own")
    return found


def _entry(values: Mapping[str, Any], side: str, place: str) -> Entry:
    settings = {key: value for key, value in values.items() if key not in ("name", "published")}
    for other in ("data", "stage1"):
        astray = next((key for key in settings if key in ALLOWED[other] - ALLOWED[side]), None)
        if astray is not None and side != "stage2":
            raise ConfigError(f"'{astray}' in {place} belongs to an entry of '{other}'")
    _refuse_unknown(settings, (*ALLOWED[side], "name", "published"), place)
    kind: Any = {"data": DataConfig, "stage1": Stage1Config, "stage2": Stage2Config}[side]
    made = from_mapping(kind, settings, place)
    if side == "stage2" and made.method == ALL:
        raise ConfigError(f"{place} needs a 'method', one for each entry")
    name = values.get("name", getattr(made, NAMED_BY[side]))
    if side == "stage2" and name != made.method and name in (ALL, *METHODS):
        raise ConfigError(f"'name' in {place} is '{name}', which means something else than its method, '{made.method}'")
    published = values.get("published")
    if published is not None and not isinstance(published, dict):
        raise ConfigError(f"'published' in {place} must be a mapping, got '{published}'.")
    return Entry(_plain_name(name, place), made, published)


def _plain_name(name: object, place: object) -> str:
    if not isinstance(name, str) or not re.fullmatch(r"\w[\w.+-]*", name):
        raise ConfigError(f"'name' in {place} must be of letters, digits, '.', '+', '-' and '_', got '{name}'")
    return name


def _refuse_unknown(values: Mapping[str, Any], known: Iterable[str], place: str) -> None:
    names = sorted(known)
    for key in values:
        if key in OF_THE_SWEEP and key not in names:
            raise ConfigError(f"'{key}' in {place} is set by the sweep; leave it out")
        if key not in names:
            raise ConfigError(f"unknown key '{key}' in {place}.{did_you_mean(str(key), names)}")
