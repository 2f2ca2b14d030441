"""Stage two as an addition to a run: cached features and a method's name in, classifier and metrics out."""

import dataclasses
import time

from decouple.datasets.data import TRAIN, VAL
from decouple.lookup import look_up
from decouple.run_dir import RunDir
from stage2.cached import features_of, stage_one_head, usable_methods
from stage2.methods import METHODS, Method
from stage2.record import open_records
from stage2.settings import ALL, Stage2Config


def run_stage2(run: RunDir, config: Stage2Config) -> list[str]:
    """Fit the method that `config` names, or all of them; return the names of those in the results now.

    Raises:
        DecoupleError: see `features_of` and the methods' `fit`.
    """
    names = list(METHODS) if config.method == ALL else [config.method]
    methods = {name: make_method(name, config) for name in names}
    with run.lock():
        splits = features_of(run, config)
        head = stage_one_head(run, config.weights)
        records = open_records(run, config.weights, head, splits)
        skipped = {"tau"} if config.method == ALL and config.tau is None and VAL not in splits else set()
        names = usable_methods(run, config.weights, names)
        for name in names:
            if name in skipped:
                print("tau is left out: it is chosen on a validation split, and this run has none (give --tau)")
                continue
            started = time.perf_counter()
            seen = {split: found for split, found in splits.items() if split in (TRAIN, VAL)}
            fitted = methods[name].fit(head, seen)
            records.add(name, methods[name], fitted, time.perf_counter() - started)
    return [name for name in names if name not in skipped]


def make_method(name: str, config: Stage2Config) -> Method:
    """Return the method with its settings taken from the options of the same names.

    Raises:
        ConfigError: no such method; the message holds the nearest name.
    """
    kind = look_up(METHODS, name, "stage-2 method")
    return kind(**{each.name: getattr(config, each.name) for each in dataclasses.fields(kind)})
