"""Stage one over several seeds: one run for each, each trained once."""

import dataclasses
import itertools
from pathlib import Path

from decouple.files.replicates import list_replicates, replicate_name
from decouple.files.run_dir import RunDir
from stage1.complete_run import complete_run
from stage1.run import run_stem
from stage1.settings import Stage1Config


def train_seeds(config: Stage1Config) -> list[RunDir]:
    """Train `config.seeds` runs called ``<name>-s<seed>``; finished ones are not trained again.

    Raises:
        DecoupleError: see `complete_run`.
        InterruptedRunError: Ctrl-C came; the state is saved.
    """
    name = config.name or _free_name(config)
    return [
        complete_run(dataclasses.replace(config, seed=seed, seeds=1, name=replicate_name(name, seed)))
        for seed in range(config.seed, config.seed + config.seeds)
    ]


def _free_name(config: Stage1Config) -> str:
    """Return a name that neither a run nor replicates of several seeds have."""
    stem, root = run_stem(config), Path(config.runs)
    names = (f"{stem}-{number}" for number in itertools.count(1))
    return next(name for name in names if not (root / name).exists() and not list_replicates(name, root))
