import math

import pytest
import torch

from decouple.classifier import Classifier
from decouple.errors import ConfigError, DataError
from decouple.files.features import Features
from samplers import SAMPLERS
from stage2.methods.las import LabelAwareScaling
from stage2.methods.mislas import MiSLAS

LINEAR = Classifier("linear", torch.tensor([[2.0, 0.5], [1.0, 0.5]]), torch.tensor([0.3, -0.2]))
COSINE = Classifier("cosine", LINEAR.weight, scale=9.0)
TRAIN = Features(torch.tensor([[1.0, 0.0], [1.0, 0.5], [0.0, 2.0]]), torch.tensor([0, 0, 1]))
ROWS = torch.randn(30, 2, generator=torch.Generator().manual_seed(0))
MANY = Features(ROWS, (torch.arange(30) % 3 > 1).long())
BOTH = pytest.mark.parametrize("classifier", [LINEAR, COSINE], ids=["linear", "cosine"])


def smoothed_loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Return the mean loss of two classes, of which the first is the larger: its smoothing is 0.3, the other's 0."""
    log_p = logits.log_softmax(dim=1)
    smoothing = torch.tensor([0.3, 0.0]).double()[labels]
    images = torch.arange(len(labels))
    return -((1 - smoothing) * log_p[images, labels] + smoothing * log_p[images, 1 - labels]).mean()


@BOTH
def test_two_steps_are_those_of_torch_in_float64(classifier: Classifier) -> None:
    # All images in one batch, two epochs: the rate is 0.1 and then, half way along the cosine, 0.05.
    result = MiSLAS(sampler="instance", epochs=2, batch_size=3, lr_factor=0.5).fit(classifier, {"train": TRAIN})
    drawn = [indices(epoch) for epoch in range(2)]
    weight = classifier.weight.double().requires_grad_()
    bias = torch.tensor([0.3, -0.2]).double().requires_grad_()
    factors = torch.ones(2).double().requires_grad_()
    groups = [{"params": [weight, bias], "lr": 0.05}, {"params": [factors], "lr": 0.1}]
    optimizer = torch.optim.SGD(groups, momentum=0.9, weight_decay=5e-4)

    def logits(features: torch.Tensor) -> torch.Tensor:
        if classifier.kind == "linear":
            return factors * (features @ weight.T + bias)
        lengths = features.norm(dim=1)[:, None] * weight.norm(dim=1)
        return factors * 9 * (features @ weight.T) / lengths

    for epoch, share in enumerate((1.0, 0.5)):
        for group, rate in zip(optimizer.param_groups, (0.05, 0.1), strict=True):
            group["lr"] = rate * share
        optimizer.zero_grad()
        smoothed_loss(logits(TRAIN.features.double()[drawn[epoch]]), TRAIN.labels[drawn[epoch]]).backward()
        optimizer.step()
    expected = logits(ROWS.double()).detach().float()
    torch.testing.assert_close(result.classifier.logits(ROWS), expected, rtol=1e-5, atol=1e-5)


def indices(epoch: int) -> torch.Tensor:
    """Return the images that the sampler draws in an epoch of the test above."""
    sampler = SAMPLERS["instance"](TRAIN.labels, seed=0, epochs=2)
    sampler.set_epoch(epoch)
    return sampler.draw()


@BOTH
def test_with_fixed_weights_it_is_las(classifier: Classifier) -> None:
    ours = MiSLAS(lr_factor=0.0).fit(classifier, {"train": MANY}).classifier
    las = LabelAwareScaling().fit(classifier, {"train": MANY}).classifier
    torch.testing.assert_close(ours.logits(ROWS), las.logits(ROWS))


@BOTH
def test_with_nothing_to_learn_it_is_stage_one(classifier: Classifier) -> None:
    result = MiSLAS(lr_factor=0.0, fixed_scale=True).fit(classifier, {"train": MANY}).classifier
    assert torch.equal(result.logits(ROWS), classifier.logits(ROWS))


def test_without_the_scale_it_learns_the_rows_alone() -> None:
    result = MiSLAS(fixed_scale=True).fit(COSINE, {"train": MANY}).classifier
    assert (result.kind, result.scale) == ("cosine", 9.0)
    assert not torch.equal(result.weight, COSINE.weight)


def test_the_public_code_starts_from_stage_one() -> None:
    result = MiSLAS(lr=1e-30, weight_decay=0).fit(LINEAR, {"train": MANY}).classifier
    assert torch.equal(result.logits(ROWS), LINEAR.logits(ROWS))


def test_kps_reads_the_cosines_of_a_linear_stage_one() -> None:
    with_bias = MiSLAS(loss="kps", lr=1e-30, weight_decay=0).fit(LINEAR, {"train": MANY}).classifier
    cosines = torch.cosine_similarity(ROWS[:, None], LINEAR.weight[None], dim=2)
    torch.testing.assert_close(with_bias.logits(ROWS), 15 * cosines)  # 15 is the scale of kps; no bias


def test_kps_trains_a_linear_and_a_cosine_stage_one_alike() -> None:
    linear, cosine = (MiSLAS(loss="kps").fit(classifier, {"train": MANY}).classifier for classifier in (LINEAR, COSINE))
    assert torch.equal(linear.logits(ROWS), cosine.logits(ROWS))
    assert not torch.allclose(linear.weight, 15 * torch.nn.functional.normalize(LINEAR.weight, dim=1), atol=1e-2)


def test_a_smoothed_head_is_less_sure() -> None:
    rows = torch.tensor([[1.0, 0.0]] * 90 + [[0.0, 1.0]] * 10)
    train = Features(rows, torch.tensor([0] * 90 + [1] * 10))
    fitted = MiSLAS(epochs=200, loss_options={"head": 0.4}).fit(Classifier("linear", torch.eye(2)), {"train": train})
    # The images of the head are all the same, so their probability goes to 1 - 0.4.
    assert math.isclose(float(fitted.classifier.logits(rows).softmax(dim=1)[0, 0]), 0.6, abs_tol=0.05)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"lr_factor must be between 0 and 1, got 2; 0\.2 is usual"):
        MiSLAS(lr_factor=2)
    with pytest.raises(DataError, match=r"no training image for classes \[2\] of 3"):
        MiSLAS().fit(Classifier("linear", torch.zeros(3, 2)), {"train": TRAIN})


def test_stage_one_is_not_changed() -> None:
    before = LINEAR.weight.clone()
    MiSLAS().fit(LINEAR, {"train": MANY})
    assert torch.equal(LINEAR.weight, before)
