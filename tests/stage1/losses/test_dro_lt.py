import math

import pytest
import torch
from torch import Tensor

from decouple.errors import ConfigError
from stage1.losses.cross_entropy import CrossEntropyLoss
from stage1.losses.dro_lt import DROLTLoss

COUNTS = torch.tensor([4, 100, 25])
LABELS = torch.tensor([0, 1, 2, 1, 1, 0])


def batch(seed: int) -> tuple[Tensor, Tensor]:
    """Return logits (6, 3) and features (6, 2)."""
    generator = torch.Generator().manual_seed(seed)
    return tuple(torch.randn(6, width, generator=generator, dtype=torch.float64) for width in (3, 2))  # type: ignore[return-value]


def after_an_epoch(**options: float) -> DROLTLoss:
    """Return a loss whose centroids are the class means of two batches."""
    loss = DROLTLoss(COUNTS, **options)
    loss.set_epoch(0, 5)
    for seed in (0, 1):
        logits, features = batch(seed)
        loss(logits, LABELS, features)
    loss.set_epoch(1, 5)
    return loss


def test_the_first_epoch_is_cross_entropy() -> None:
    logits, features = batch(0)
    loss = DROLTLoss(COUNTS, weight=1.0)
    loss.set_epoch(0, 5)
    for _ in range(2):
        value = loss(logits, LABELS, features)
        torch.testing.assert_close(value, CrossEntropyLoss(COUNTS)(logits, LABELS))


def test_the_centroids_are_the_class_means_of_the_epoch_before() -> None:
    features = torch.cat([batch(seed)[1] for seed in (0, 1)])
    labels = LABELS.repeat(2)
    expected = torch.stack([features[labels == label].mean(dim=0) for label in range(3)])
    torch.testing.assert_close(after_an_epoch().centroids, expected)


@pytest.mark.parametrize(("weight", "epsilon", "temperature"), [(0.5, 1.0, 1.0), (1.0, 0.3, 0.07), (0.2, 0.0, 2.0)])
def test_equals_the_formula(weight: float, epsilon: float, temperature: float) -> None:
    loss = after_an_epoch(weight=weight, epsilon=epsilon, temperature=temperature)
    logits, features = batch(7)
    robustness = []
    for label, count in enumerate(COUNTS.tolist()):
        terms = []
        shifted = [
            (math.dist(loss.centroids[label].tolist(), row.tolist()) + 2 * epsilon / math.sqrt(count) * (y == label))
            / temperature
            for row, y in zip(features, LABELS.tolist(), strict=True)
        ]
        for own, y in zip(shifted, LABELS.tolist(), strict=True):
            if y == label:
                terms.append(own + math.log(math.fsum(math.exp(-other) for other in shifted)))
        robustness.append(math.fsum(terms) / len(terms))
    expected = (1 - weight) * CrossEntropyLoss(COUNTS)(logits, LABELS) + weight * math.fsum(robustness) / 3
    torch.testing.assert_close(loss(logits, LABELS, features), expected)


def test_weight_0_is_cross_entropy() -> None:
    logits, features = batch(3)
    value = after_an_epoch(weight=0.0)(logits, LABELS, features)
    torch.testing.assert_close(value, CrossEntropyLoss(COUNTS)(logits, LABELS))


def test_the_gradient_is_that_of_finite_differences() -> None:
    loss = after_an_epoch(weight=0.6).eval()
    logits, features = batch(5)
    assert torch.autograd.gradcheck(
        lambda z, f: loss(z, LABELS, f), (logits.requires_grad_(), features.requires_grad_())
    )


def test_the_margin_of_a_rare_class_is_larger() -> None:
    assert DROLTLoss(COUNTS, epsilon=0.5).margins.tolist() == [0.5, 0.1, 0.2]  # 2 * 0.5 / sqrt(n)


def test_a_class_without_features_so_far_does_not_count() -> None:
    loss = DROLTLoss(COUNTS, weight=1.0, epsilon=0.0)
    loss.set_epoch(0, 2)
    loss(torch.zeros(2, 3), torch.tensor([0, 1]), torch.tensor([[0.0], [1.0]]))
    loss.set_epoch(1, 2)
    value = loss(torch.zeros(2, 3), torch.tensor([0, 2]), torch.tensor([[0.0], [3.0]]))
    torch.testing.assert_close(value, torch.tensor(math.log(1 + math.exp(-3))))  # class 0 alone: distances 0 and 3


def test_evaluation_adds_nothing_to_the_centroids() -> None:
    loss = after_an_epoch().eval()
    logits, features = batch(4)
    loss(logits, LABELS, features)
    assert not loss.counts.any()


def test_a_restored_loss_goes_on_alike() -> None:
    loss = after_an_epoch()
    logits, features = batch(2)
    loss(logits, LABELS, features)
    restored = DROLTLoss(COUNTS)
    restored.load_state_dict(loss.state_dict())
    for either in (loss, restored):
        either.set_epoch(1, 5)  # the epoch goes on
        either(logits, LABELS, 2 * features)
        either.set_epoch(2, 5)
    torch.testing.assert_close(restored.centroids, loss.centroids)
    torch.testing.assert_close(restored(logits, LABELS, features), loss(logits, LABELS, features))


def test_it_needs_features() -> None:
    with pytest.raises(ConfigError, match="needs the features beside the logits"):
        DROLTLoss(COUNTS)(torch.zeros(6, 3), LABELS)
