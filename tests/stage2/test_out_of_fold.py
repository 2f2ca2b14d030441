"""Out-of-fold logits: each image by a classifier that has not seen it."""

from dataclasses import dataclass
from typing import ClassVar

import torch

from decouple.classifier import Classifier
from decouple.files.features import Features
from stage2.fit_result import FeatureSplits, FitResult
from stage2.folded_stage1 import FoldedStage1
from stage2.method import PriorSource
from stage2.methods.unchanged import Unchanged
from stage2.out_of_fold import out_of_fold_logits
from stage2.selection import SelectionRule

TRAIN = Features(torch.arange(6.0)[:, None] + 10, torch.tensor([0, 0, 0, 0, 1, 1]))
VAL = Features(torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([0, 0, 1]))
SPLITS = {"train": TRAIN, "val": VAL}
STAGE_ONE = Classifier("linear", torch.tensor([[1.0], [0.0]]))


@dataclass(frozen=True, kw_only=True)
class SeenMean:
    """The logit of class 0 is the feature times the number of images that the method was fitted to."""

    needs_classifier: ClassVar[bool] = False
    reads_features: ClassVar[bool] = True
    trained: ClassVar[bool] = False
    has_weight_norms: ClassVar[bool] = True
    prior: ClassVar[PriorSource] = "uniform"
    searchable: ClassVar[bool] = False

    def fit(self, classifier: Classifier, splits: FeatureSplits) -> FitResult:
        return FitResult(Classifier("linear", torch.tensor([[float(len(splits["train"].labels))], [0.0]])))


def test_validation_images_where_stage_one_saw_the_training_images() -> None:
    held_out = out_of_fold_logits(SeenMean(), FoldedStage1(STAGE_ONE), SPLITS, SelectionRule(folds=3))
    assert held_out is not None
    assert held_out.source == "3 validation images in 3 folds"
    assert held_out.labels.tolist() == [0, 0, 1]
    assert held_out.logits[:, 0].tolist() == [6, 12, 18]  # 9 images in 3 folds: each fit has the other 6


def test_all_images_where_it_did_not() -> None:
    stage1 = FoldedStage1(STAGE_ONE, saw_training=False)
    held_out = out_of_fold_logits(SeenMean(), stage1, SPLITS, SelectionRule(folds=3))
    assert held_out is not None
    assert held_out.source == "9 images in 3 folds of training and validation"
    assert held_out.labels.tolist() == [0, 0, 0, 0, 1, 1, 0, 0, 1]
    assert held_out.logits[:, 0].tolist() == [60, 66, 72, 78, 84, 90, 6, 12, 18]


def test_the_classifier_of_the_fold_predicts_its_images() -> None:
    classifiers = [Classifier("linear", torch.tensor([[number], [0.0]])) for number in (1.0, 2.0, 4.0)]
    stage1 = FoldedStage1(STAGE_ONE, classifiers, saw_training=False)
    held_out = out_of_fold_logits(Unchanged(), stage1, SPLITS, SelectionRule(folds=3))
    assert held_out is not None
    factors = held_out.logits[:, 0] / torch.cat([TRAIN.features, VAL.features])[:, 0]
    assert sorted(factors.tolist()) == [1, 1, 1, 2, 2, 2, 4, 4, 4]


def test_the_only_image_of_a_class_has_none() -> None:
    splits = {"train": TRAIN, "val": Features(VAL.features, torch.tensor([0, 1, 2]))}
    held_out = out_of_fold_logits(SeenMean(), FoldedStage1(STAGE_ONE), splits, SelectionRule(folds=2))
    assert held_out is not None
    assert held_out.labels.tolist() == [0, 1]


def test_without_a_validation_split_all_images_are_taken() -> None:
    held_out = out_of_fold_logits(SeenMean(), FoldedStage1(STAGE_ONE), {"train": TRAIN}, SelectionRule(folds=2))
    assert held_out is not None
    assert len(held_out.labels) == 6
