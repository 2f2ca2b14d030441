"""The training loss on test images, of all and of each group, by hand."""

import math

import pytest
import torch

from decouple.classifier import Classifier
from decouple.files.features import Features
from stage1.losses.build import make_loss
from tuning.sweep.training_loss import mean_losses

FEATURES = Features(torch.tensor([[2.0, 0.0], [0.0, 0.0], [0.0, 3.0]]), torch.tensor([0, 0, 1]))
IDENTITY = torch.eye(2)
GROUPS = {"head": torch.tensor([0]), "tail": torch.tensor([1]), "none": torch.tensor([], dtype=torch.int64)}


def test_balanced_softmax_adds_the_log_counts() -> None:
    # Logits are the features. Counts (3, 1): softmax of z + ln n. Image 0: ln(1 + 1 / (3 e^2)); image 1: ln(4 / 3);
    # image 2: ln(1 + 3 / e^3).
    loss = make_loss("balanced_softmax", torch.tensor([3, 1]), {})
    values = mean_losses(loss, Classifier("linear", IDENTITY), FEATURES, GROUPS, batch_size=2)
    one, two, three = math.log1p(1 / (3 * math.e**2)), math.log(4 / 3), math.log1p(3 / math.e**3)
    assert values["head"] == pytest.approx((one + two) / 2)
    assert values["tail"] == pytest.approx(three)
    assert values["all"] == pytest.approx((one + two + three) / 3)
    assert values["none"] is None


def test_class_weights_count_within_a_batch() -> None:
    # Counts (3, 1) give the weights 1/2 and 3/2; in one batch of all: (0.5 a + 0.5 b + 1.5 c) / 2.5.
    loss = make_loss("weighted_ce", torch.tensor([3, 1]), {})
    values = mean_losses(loss, Classifier("linear", IDENTITY), FEATURES, GROUPS, batch_size=3)
    a, b, c = math.log1p(math.exp(-2)), math.log(2), math.log1p(math.exp(-3))
    assert values["all"] == pytest.approx((0.5 * a + 0.5 * b + 1.5 * c) / 2.5)
    assert values["head"] == pytest.approx((a + b) / 2)


def test_a_cosine_loss_reads_bare_cosines_and_none_where_there_are_none() -> None:
    # Cosines of image 0: (1, 0). CosFace with margin 0.5 and scale 2: 2 * 0.5 against 0, ln(1 + e^-1).
    loss = make_loss("cosface", torch.tensor([3, 1]), {"margin": 0.5, "scale": 2})
    features = Features(FEATURES.stored[:1], FEATURES.labels[:1])
    cosine = Classifier("cosine", IDENTITY, scale=30.0)
    assert mean_losses(loss, cosine, features, {}, batch_size=1)["all"] == pytest.approx(math.log1p(math.exp(-1)))
    assert mean_losses(loss, Classifier("linear", IDENTITY), FEATURES, {}, batch_size=1) == {"all": None}
