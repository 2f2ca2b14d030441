"""Stage two as an addition to a run: cached features and a method's name in, classifier and metrics out."""

import dataclasses
import itertools
import time
from typing import Any

from decouple.datasets.data import TRAIN, VAL
from decouple.device import restored_threads
from decouple.files.run_dir import RunDir
from decouple.log import logger
from decouple.lookup import look_up
from stage2.feature_cache import load_features, load_stage1_classifier, usable_methods
from stage2.fit_result import IncompatibleMethodError
from stage2.methods import METHODS
from stage2.results_writer import open_results_writer
from stage2.selection import Method, Selection, choose
from stage2.settings import ALL, Stage2Config, values_of


@restored_threads()
def run_stage2(run: RunDir, config: Stage2Config, entry_name: str | None = None) -> list[str]:
    """Fit the method that `config` names, or all of them; return the names of those in the results now.

    Args:
        run: a finished stage one.
        config: which method, and how.
        entry_name: the name that the run keeps a single method's classifier and results under; default: the method's.

    Raises:
        DecoupleError: see `load_features` and the methods' `fit`.
    """
    names = list(METHODS) if config.method == ALL else [config.method]
    candidates = {name: candidates_of(name, config) for name in names}
    done = []
    with run.lock():
        splits = load_features(run, config)
        classifier = load_stage1_classifier(run, config.weights)
        records = open_results_writer(run, config.weights, classifier, splits, config.views)
        how = Selection(config.select, config.folds, config.seed, run.read_data().group_counts)
        seen = {split: found for split, found in splits.items() if split in (TRAIN, VAL)}
        for name in usable_methods(run, config.weights, names):
            started = time.perf_counter()
            try:
                method, fitted = choose(candidates[name], classifier, seen, how)
            except IncompatibleMethodError as error:
                if config.method != ALL:
                    raise
                logger.info(f"{name} is left out: {error.message}")
                continue
            asked = candidates[name][0] if len(candidates[name]) == 1 else method
            records.add(name, asked, fitted, time.perf_counter() - started, entry_name=entry_name)
            done.append(entry_name or name)
    return done


def make_method(name: str, config: Stage2Config) -> Method:
    """Return the method with its settings taken from the options of the same names, of several values the first.

    Raises:
        ConfigError: no such method; the message holds the nearest name.
    """
    return candidates_of(name, config)[0]


def candidates_of(name: str, config: Stage2Config) -> list[Method]:
    """Return the method at every combination of the values given; an option that was not given keeps its default.

    Raises:
        ConfigError: no such method; the message holds the nearest name.
    """
    kind: Any = look_up(METHODS, name, "stage-2 method")
    given = {each.name: values_of(config, each.name) for each in dataclasses.fields(kind)}
    given = {option: values for option, values in given.items() if values}
    return [kind(**dict(zip(given, each, strict=True))) for each in itertools.product(*given.values())]
