"""Stage one over several seeds: one run a seed, each made once."""

import dataclasses
import itertools
from pathlib import Path

from decouple.config import from_yaml
from decouple.errors import ConfigError
from decouple.files.replicates import member_name, members
from decouple.files.run_dir import RunDir, open_run
from decouple.files.run_manifest import FINISHED
from stage1.run import NOT_SETTINGS, resume_run, run_stem, start_run
from stage1.settings import Stage1Config


def train_seeds(config: Stage1Config) -> list[RunDir]:
    """Train `config.seeds` runs called ``<name>-s<seed>``; finish those that are not, leave those that are.

    Raises:
        DecoupleError: see `complete_run`.
        Interrupted: Ctrl-C came; the state is saved.
    """
    name = config.name or _free_name(config)
    return [
        complete_run(dataclasses.replace(config, seed=seed, seeds=1, name=member_name(name, seed)))
        for seed in range(config.seed, config.seed + config.seeds)
    ]


def complete_run(config: Stage1Config) -> RunDir:
    """Return the finished run called `config.name`: train it, or what is left of it, or nothing.

    Raises:
        ConfigError: there is a run of that name with other settings.
        DecoupleError: see `start_run` and `resume_run`.
        Interrupted: Ctrl-C came; the state is saved.
    """
    place = Path(config.runs) / str(config.name)
    if not place.exists():
        return start_run(config)
    run = open_run(place)
    _require_same_settings(run, config)
    if run.read_manifest().status == FINISHED:
        return run
    return resume_run(dataclasses.replace(config, resume=True), frozenset({"device", "root"}))


def _require_same_settings(run: RunDir, config: Stage1Config) -> None:
    stored = from_yaml(Stage1Config, run.config)
    for each in dataclasses.fields(config):
        was, given = getattr(stored, each.name), getattr(config, each.name)
        if was != given and each.name not in NOT_SETTINGS:
            raise ConfigError(
                f"the run {run.path} was made with {each.name} {was}, {given} was given; choose another --name"
            )


def _free_name(config: Stage1Config) -> str:
    """Return a name that neither a run nor the runs of several seeds have."""
    stem, root = run_stem(config), Path(config.runs)
    names = (f"{stem}-{number}" for number in itertools.count(1))
    return next(name for name in names if not (root / name).exists() and not members(name, root))
