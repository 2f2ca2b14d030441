import math

import pytest
import torch

from decouple.classifier import Classifier
from decouple.errors import ConfigError, DataError
from decouple.files.features import Features
from stage2.methods.las import LabelAwareScaling
from stage2.methods.lws import LearnableWeightScaling

HEAD = Classifier("linear", torch.tensor([[2.0, 0.5], [1.0, 0.5]]), torch.tensor([0.3, -0.2]))
TRAIN = Features(torch.tensor([[1.0, 0.0], [1.0, 0.5], [0.0, 2.0]]), torch.tensor([0, 0, 1]))


def test_one_step_is_that_of_float64() -> None:
    result = LabelAwareScaling(sampler="instance", epochs=1, batch_size=3, weight_decay=0).fit(HEAD, {"train": TRAIN})
    scales = torch.ones(2, dtype=torch.float64, requires_grad=True)
    assert HEAD.bias is not None
    logits = (TRAIN.features.double() @ HEAD.weight.double().T + HEAD.bias.double()) * scales
    log_p = logits.log_softmax(dim=1)
    smoothing = torch.tensor([0.3, 0.0]).double()[TRAIN.labels]  # of the largest class 0.3, of the smallest 0
    own, other = log_p[torch.arange(3), TRAIN.labels], log_p[torch.arange(3), 1 - TRAIN.labels]
    (-((1 - smoothing) * own + smoothing * other).mean()).backward()
    assert scales.grad is not None
    expected = (1 - 0.1 * scales.grad).float()
    torch.testing.assert_close(result.classifier.weight, HEAD.weight * expected[:, None])
    assert result.classifier.bias is not None
    torch.testing.assert_close(result.classifier.bias, HEAD.bias * expected)


@pytest.mark.parametrize("classifier", [HEAD, Classifier("cosine", HEAD.weight, scale=9.0)])
def test_without_smoothing_it_is_lws(classifier: Classifier) -> None:
    rows = torch.randn(30, 2, generator=torch.Generator().manual_seed(0))
    train = Features(rows, torch.arange(30) % 2)
    las = LabelAwareScaling(loss_options={"head": 0.0, "tail": 0.0}).fit(classifier, {"train": train}).classifier
    lws = LearnableWeightScaling().fit(classifier, {"train": train}).classifier
    torch.testing.assert_close(las.logits(rows), lws.logits(rows))


def test_no_learning_leaves_stage_one_as_it_is() -> None:
    result = LabelAwareScaling(lr=1e-30, weight_decay=0).fit(HEAD, {"train": TRAIN}).classifier
    assert torch.equal(result.logits(TRAIN.features), HEAD.logits(TRAIN.features))


def test_smoothing_makes_the_large_class_less_sure() -> None:
    rows = torch.tensor([[1.0, 0.0]] * 90 + [[0.0, 1.0]] * 10)
    train = Features(rows, torch.tensor([0] * 90 + [1] * 10))
    classifier = Classifier("linear", 2 * torch.eye(2))
    sure = LearnableWeightScaling(epochs=200).fit(classifier, {"train": train}).classifier
    smooth = LabelAwareScaling(epochs=200, loss_options={"head": 0.4}).fit(classifier, {"train": train}).classifier
    assert smooth.logits(rows).softmax(dim=1)[0, 0] < sure.logits(rows).softmax(dim=1)[0, 0] - 0.1
    assert math.isclose(float(smooth.logits(rows).softmax(dim=1)[0, 0]), 0.6, abs_tol=0.05)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"loss=ldam needs cosines, and las keeps .* linear; use method=crt"):
        LabelAwareScaling(loss="ldam").fit(HEAD, {"train": TRAIN})
    with pytest.raises(DataError, match=r"no training image for classes \[2\] of 3"):
        LabelAwareScaling().fit(Classifier("linear", torch.zeros(3, 2)), {"train": TRAIN})


def test_a_seed_decides_everything() -> None:
    first, again, other = (
        LabelAwareScaling(seed=seed, batch_size=1).fit(HEAD, {"train": TRAIN}).classifier for seed in (3, 3, 4)
    )
    assert torch.equal(first.weight, again.weight)
    assert not torch.equal(first.weight, other.weight)
