"""Calibration with a temperature for each class group, against values worked out by hand."""

import math

import numpy as np
import pytest
import torch

from decouple.classifier import Classifier
from decouple.deploy.evaluation import evaluate_calibrated
from decouple.files.data_record import DataRecord
from decouple.files.features import Features
from decouple.pages.split_scores import score_split
from stage2.calibrated import CalibratedClassifier
from stage2.held_out import HeldOutLogits

COUNTS = (500, 5)  # many, few
RECORD = DataRecord(
    class_names=("common", "rare"),
    class_counts=COUNTS,
    group_counts=COUNTS,
    groups={"many": (0,), "medium": (), "few": (1,)},
    images={"train": 505},
    split_counts={},
    image_size=None,
    mean=(),
    std=(),
    flippable=False,
    bad_images=0,
    fingerprint="none",
)
# 30 images are taken for the common class and 27 are right: odds 9, gap 2 ln 9, so T = 2.
# 30 are taken for the rare class and 20 are right: odds 2, gap 4 ln 2, so T = 4.
LOGITS = torch.tensor([[2 * math.log(9), 0.0]] * 30 + [[0.0, 4 * math.log(2)]] * 30)
LABELS = torch.tensor([0] * 27 + [1] * 3 + [1] * 20 + [0] * 10)
SHARES = np.array([37 / 60, 23 / 60])  # as in the held-out images, which weigh the same


@pytest.fixture
def calibrated() -> CalibratedClassifier:
    held_out = HeldOutLogits(LOGITS, LABELS, "60 images")
    return CalibratedClassifier("tau", Classifier("linear", torch.eye(2)), 1.0, SHARES, held_out)


def test_errors_with_a_temperature_per_group(calibrated: CalibratedClassifier) -> None:
    evaluation = evaluate_calibrated(calibrated, Features(LOGITS, LABELS), RECORD)
    errors = [evaluation.before["all"], evaluation.after["all"], evaluation.by_group["all"]]
    # At T = 1 the confidences are 81 / 82 and 16 / 17, in one bin of equal width.
    apart = (81 / 82 + 16 / 17) / 2 - 47 / 60
    assert [error.equal_width for error in errors if error] == pytest.approx([apart, apart, 0], abs=1e-6)


def test_a_deployment_prior_moves_the_class_but_not_the_temperature(calibrated: CalibratedClassifier) -> None:
    evaluation = evaluate_calibrated(calibrated, Features(LOGITS, LABELS), RECORD, deployment=np.array([1.0, 0.0]))
    error = evaluation.by_group["all"]
    assert error is not None
    assert error.equal_width == pytest.approx(1 - 37 / 60)


def test_confidence_of_a_page(calibrated: CalibratedClassifier) -> None:
    scores = score_split(calibrated, Features(LOGITS, LABELS), COUNTS)
    np.testing.assert_allclose(scores.group_confidence, [0.9] * 30 + [2 / 3] * 30, rtol=1e-6)
    np.testing.assert_allclose(scores.raw_confidence, [81 / 82] * 30 + [16 / 17] * 30, rtol=1e-6)
