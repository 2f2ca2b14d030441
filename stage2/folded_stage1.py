"""Stage one's classifier in the folds of training and validation images."""

from collections.abc import Sequence
from dataclasses import dataclass

from decouple.classifier import Classifier
from decouple.config.settings_yaml import from_yaml
from decouple.datasets.data import TRAIN
from decouple.files.run_dir import RunDir
from decouple.files.run_manifest import FEATURES
from stage1.settings import Stage1Config
from stage2.feature_cache import load_stage1_classifier
from stage2.fit_result import FeatureSplits
from stage2.methods.crt import ClassifierRetraining
from stage2.selection import SelectionRule
from stage2.train_val_folds import split_folds


@dataclass(frozen=True)
class FoldedStage1:
    """Stage one's classifier, and those of the folds.

    Attributes:
        classifier: that of stage one.
        by_fold: fitted without the images of each fold; empty: `classifier` stands for all of them.
        saw_training: stage one was trained on the training images, also on those that a fold holds out.
    """

    classifier: Classifier
    by_fold: Sequence[Classifier] = ()
    saw_training: bool = True


def fold_stage1(run: RunDir, checkpoint: str, splits: FeatureSplits, rule: SelectionRule) -> FoldedStage1:
    """Return stage one's classifier of a run; on frozen features also one for each fold.

    Where stage one trained the classifier alone, on features of a backbone that has not seen the images (`train=none`),
    it is trained again in each fold without the held-out images, by the same loss, sampler, rate, decay and epochs.
    Then all images of the folds are new to all classifiers.

    Args:
        run: a finished run.
        checkpoint: stage-one weights, last or best.
        splits: train, and val where there is one.
        rule: number and seed of the folds.
    """
    classifier = load_stage1_classifier(run, checkpoint)
    method = _same_training(run) if rule.folds else None
    if method is None:
        return FoldedStage1(classifier)
    by_fold = [
        method.fit(classifier, {TRAIN: train}).classifier for train, _ in split_folds(splits, rule.folds, rule.seed)
    ]
    return FoldedStage1(classifier, by_fold, saw_training=False)


def _same_training(run: RunDir) -> ClassifierRetraining | None:
    """Return how stage one trained its classifier on frozen features; None where it did something else."""
    if run.read_manifest().kind == FEATURES:
        return None
    config = from_yaml(Stage1Config, run.config)
    if config.train != "none" or config.drw or config.optimizer != "sgd" or config.sam > 0:
        return None
    return ClassifierRetraining(
        sampler=config.sampler,
        sampler_options=config.sampler_options,
        loss=config.loss,
        loss_options=config.loss_options,
        epochs=config.epochs,
        batch_size=config.batch_size,
        lr=config.initial_lr,
        momentum=config.momentum,
        weight_decay=config.weight_decay,
        seed=config.seed,
    )
