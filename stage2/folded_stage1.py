"""Stage one's classifier in the folds of training and validation images."""

from collections.abc import Sequence
from dataclasses import dataclass

from decouple.classifier import Classifier
from decouple.files.run_dir import RunDir
from stage2.feature_cache import load_stage1_classifier
from stage2.fit_result import FeatureSplits
from stage2.selection import SelectionRule


@dataclass(frozen=True)
class FoldedStage1:
    """Stage one's classifier, and those of the folds.

    Attributes:
        classifier: that of stage one.
        by_fold: fitted without the images of each fold; empty: `classifier` stands for all of them.
        saw_training: stage one was trained on the training images of a fold's held-out part.
    """

    classifier: Classifier
    by_fold: Sequence[Classifier] = ()
    saw_training: bool = True


def fold_stage1(run: RunDir, checkpoint: str, splits: FeatureSplits, rule: SelectionRule) -> FoldedStage1:
    """Return stage one's classifier of a run.

    Args:
        run: a finished run.
        checkpoint: stage-one weights, last or best.
        splits: train, and val where there is one.
        rule: number and seed of the folds.
    """
    del splits, rule
    return FoldedStage1(load_stage1_classifier(run, checkpoint))
