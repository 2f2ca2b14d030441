import numpy as np
import pytest
import torch
from scipy import stats

from decouple.errors import ConfigError
from stage1.mixup.mixup import Mixup

COUNTS = torch.tensor([5, 5])
IMAGES = torch.arange(4.0).view(4, 1, 1, 1).expand(4, 3, 2, 2)  # image k is k everywhere
LABELS = torch.tensor([0, 1, 2, 3])  # so that a label tells its image


def test_images_and_labels_are_mixed_alike() -> None:
    mixed = Mixup(COUNTS)(IMAGES, LABELS, np.random.default_rng(0))
    lam = float(mixed.lam)
    assert 0 < lam < 1
    assert torch.equal(mixed.first, LABELS)
    assert sorted(mixed.second.tolist()) == [0, 1, 2, 3]
    expected = lam * mixed.first + (1 - lam) * mixed.second
    torch.testing.assert_close(mixed.images, expected.view(4, 1, 1, 1).expand(4, 3, 2, 2))


def test_nothing_given_is_changed() -> None:
    images, labels = IMAGES.clone(), LABELS.clone()
    Mixup(COUNTS)(images, labels, np.random.default_rng(0))
    assert torch.equal(images, IMAGES)
    assert torch.equal(labels, LABELS)


@pytest.mark.parametrize("alpha", [0.2, 1.0, 4.0])
def test_the_share_follows_the_beta_distribution(alpha: float) -> None:
    rng, mix = np.random.default_rng(1), Mixup(COUNTS, alpha=alpha)
    lams = [float(mix(IMAGES, LABELS, rng).lam) for _ in range(500)]
    assert stats.kstest(lams, stats.beta(alpha, alpha).cdf).pvalue > 0.01
    assert stats.kstest(lams, stats.beta(2 * alpha, alpha).cdf).pvalue < 0.01


def test_the_generator_decides() -> None:
    first, again, other = (Mixup(COUNTS)(IMAGES, LABELS, np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert torch.equal(first.images, again.images)
    assert torch.equal(first.second, again.second)
    assert not torch.equal(first.images, other.images)


@pytest.mark.parametrize("alpha", [0.0, -1.0, float("nan"), float("inf")])
def test_alpha_must_be_above_0(alpha: float) -> None:
    with pytest.raises(ConfigError, match="alpha must be above 0, got"):
        Mixup(COUNTS, alpha=alpha)
