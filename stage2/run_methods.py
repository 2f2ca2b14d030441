"""Stage two as an addition to a run: cached features and a method's name in, classifier and metrics out."""

import dataclasses
import time
from collections.abc import Mapping, Sequence

import torch

from decouple.datasets.data import TRAIN, VAL
from decouple.device import restored_threads
from decouple.files.run_dir import RunDir
from decouple.log import logger
from stage2.candidates import applicable_methods, make_candidates
from stage2.feature_cache import load_features
from stage2.fit_result import FeatureSplits, IncompatibleMethodError
from stage2.folded_stage1 import FoldedStage1, fold_stage1
from stage2.held_out import write_held_out
from stage2.method import Method
from stage2.methods import ALL_METHODS
from stage2.out_of_fold import out_of_fold_logits
from stage2.recommendation import record_recommended
from stage2.results_writer import ResultsWriter, open_results_writer
from stage2.selection import SelectionRule, choose, expand_grid
from stage2.settings import ALL, Stage2Config
from stage2.train_val_folds import MIN_VALIDATION_IMAGES, automatic_folds


@restored_threads()
def run_stage2(
    run: RunDir, config: Stage2Config, entry_name: str | None = None, *, recommend: bool = True
) -> list[str]:
    """Fit the method that `config` names, or all of them; return the names of the new entries of the results.

    The recommendation of the run is made again from all its classifiers, unless the caller does it after more methods.

    Args:
        run: a finished stage one.
        config: the method and its options.
        entry_name: the name of a single method's classifier and results in the run; default: the method's.
        recommend: whether the recommendation is made.

    Raises:
        DecoupleError: see `load_features` and the methods' `fit`.
    """
    names = list(ALL_METHODS) if config.method == ALL else [config.method]
    candidates = {name: make_candidates(name, config) for name in names}
    entries = []
    with run.lock():
        splits = load_features(run, config)
        visible = {split: features for split, features in splits.items() if split in (TRAIN, VAL)}
        rule = _selection_rule(config, visible, run.read_data().group_counts)
        stage1 = fold_stage1(run, config.weights, visible, rule)
        in_folds = _without_validation(candidates, visible, rule)
        folded = stage1 if in_folds is None else fold_stage1(run, config.weights, visible, in_folds)
        writer = open_results_writer(run, config.weights, stage1.classifier, splits, config.views)
        for name in applicable_methods(run, config.weights, names):
            try:
                choice = (stage1, visible, rule)
                if in_folds is not None and len(expand_grid(candidates[name])) > 1:
                    choice = (folded, visible, in_folds)
                _fit_one(writer, name, candidates[name], choice, entry_name or name)
            except IncompatibleMethodError as error:
                if config.method != ALL:
                    raise
                logger.info(f"{name} is left out: {error.message}")
                continue
            entries.append(entry_name or name)
        if recommend:
            record_recommended(run, config.weights)
    return entries


def _fit_one(
    writer: ResultsWriter,
    name: str,
    candidates: Sequence[Method],
    inputs: tuple[FoldedStage1, FeatureSplits, SelectionRule],
    entry_name: str,
) -> None:
    """Choose among the candidates of a method and write the best, with its out-of-fold logits where there are folds."""
    stage1, visible, rule = inputs
    started = time.perf_counter()
    method, result = choose(candidates, stage1.classifier, visible, rule, stage1.by_fold)
    as_given = candidates[0] if len(candidates) == 1 else method
    held_out = out_of_fold_logits(method, stage1, visible, rule) if rule.folds else None
    writer.add(name, as_given, result, time.perf_counter() - started, entry_name=entry_name)
    if held_out is not None:
        write_held_out(writer.run, writer.checkpoint, entry_name, held_out)


def _without_validation(
    candidates: Mapping[str, Sequence[Method]], visible: FeatureSplits, rule: SelectionRule
) -> SelectionRule | None:
    """Return the rule of methods with something to choose in a run without validation images; else None."""
    can_hold_out = int(torch.bincount(visible[TRAIN].labels).max()) > 1
    to_choose = any(len(expand_grid(methods)) > 1 for methods in candidates.values())
    if VAL in visible or rule.folds or not to_choose or not can_hold_out:
        return None
    folds = automatic_folds(visible, len(rule.group_counts or ()))
    logger.info(
        f"the run has no validation split: hyper-parameters are chosen in {folds} folds of the training images. Stage "
        "one was trained on these, so that a classifier that leans on it, such as tau, looks better there than it is; "
        "`decouple tune tau --holdout 0.2` chooses tau on images that it has not seen"
    )
    return dataclasses.replace(rule, folds=folds)


def _selection_rule(config: Stage2Config, visible: FeatureSplits, group_counts: Sequence[int]) -> SelectionRule:
    if config.folds == "auto":
        folds = automatic_folds(visible, len(group_counts))
        if folds:
            logger.info(
                f"a class has fewer than {MIN_VALIDATION_IMAGES} validation images: methods and hyper-parameters are "
                f"chosen in {folds} folds of training and validation images"
            )
    else:
        folds = config.folds
    return SelectionRule(selection_metric=config.select, folds=folds, seed=config.seed, group_counts=group_counts)
