"""Stage two as an addition to a run: cached features and a method's name in, classifier and metrics out."""

import time
from collections.abc import Sequence

from decouple.datasets.data import TRAIN, VAL
from decouple.device import restored_threads
from decouple.files.run_dir import RunDir
from decouple.log import logger
from stage2.candidates import applicable_methods, make_candidates
from stage2.feature_cache import load_features, load_stage1_classifier
from stage2.fit_result import IncompatibleMethodError
from stage2.methods import METHODS
from stage2.results_writer import open_results_writer
from stage2.selection import SelectionRule, choose
from stage2.settings import ALL, Stage2Config


@restored_threads()
def run_stage2(run: RunDir, config: Stage2Config, entry_name: str | None = None) -> list[str]:
    """Fit the method that `config` names, or all of them; return the names of the new entries of the results.

    Args:
        run: a finished stage one.
        config: the method and its options.
        entry_name: the name of a single method's classifier and results in the run; default: the method's.

    Raises:
        DecoupleError: see `load_features` and the methods' `fit`.
    """
    names = list(METHODS) if config.method == ALL else [config.method]
    candidates = {name: make_candidates(name, config) for name in names}
    entries = []
    with run.lock():
        splits = load_features(run, config)
        classifier = load_stage1_classifier(run, config.weights)
        writer = open_results_writer(run, config.weights, classifier, splits, config.views)
        rule = _selection_rule(config, writer.group_counts)
        visible = {split: features for split, features in splits.items() if split in (TRAIN, VAL)}
        for name in applicable_methods(run, config.weights, names):
            started = time.perf_counter()
            try:
                method, result = choose(candidates[name], classifier, visible, rule)
            except IncompatibleMethodError as error:
                if config.method != ALL:
                    raise
                logger.info(f"{name} is left out: {error.message}")
                continue
            as_given = candidates[name][0] if len(candidates[name]) == 1 else method
            writer.add(name, as_given, result, time.perf_counter() - started, entry_name=entry_name)
            entries.append(entry_name or name)
    return entries


def _selection_rule(config: Stage2Config, group_counts: Sequence[int]) -> SelectionRule:
    return SelectionRule(
        selection_metric=config.select, folds=config.folds, seed=config.seed, group_counts=group_counts
    )
