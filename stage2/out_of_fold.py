"""Out-of-fold logits: every image predicted by a classifier that was fitted without it."""

import torch
from torch import Tensor

from decouple.datasets.data import TRAIN, VAL
from stage2.fit_result import FeatureSplits
from stage2.folded_stage1 import FoldedStage1
from stage2.held_out import HeldOutLogits
from stage2.method import Method
from stage2.selection import SelectionRule
from stage2.train_val_folds import make_folds


def out_of_fold_logits(
    method: Method, stage1: FoldedStage1, splits: FeatureSplits, rule: SelectionRule
) -> HeldOutLogits | None:
    """Return the logits of images by the method, fitted in each fold to the others.

    Logits of training images say too much where stage one was trained on them. They are left out then, if there is a
    validation split.

    Args:
        method: with its selected hyper-parameters.
        stage1: its classifier.
        splits: train, and val where there is one.
        rule: number and seed of the folds.

    Returns:
        Logits in the order of the joined images, training images first; None without images.
    """
    logits: list[Tensor] = []
    indices: list[Tensor] = []
    for number, fold in enumerate(make_folds(splits, rule.folds, rule.seed)):
        classifier = stage1.by_fold[number] if stage1.by_fold else stage1.classifier
        fitted = method.fit(classifier, {TRAIN: fold.train}).classifier
        logits.append(fitted.logits(fold.held_out.features))
        indices.append(fold.indices)
    order = torch.cat(indices).argsort()
    positions, scores = torch.cat(indices)[order], torch.cat(logits)[order]
    source = f"images in {rule.folds} folds of training and validation"
    if stage1.saw_training and VAL in splits:
        unseen = positions >= len(splits[TRAIN].labels)
        positions, scores = positions[unseen], scores[unseen]
        source = f"validation images in {rule.folds} folds"
    labels = torch.cat([splits[name].labels for name in (TRAIN, VAL) if name in splits])[positions]
    return HeldOutLogits(scores, labels, f"{len(labels):,} {source}") if len(labels) else None
