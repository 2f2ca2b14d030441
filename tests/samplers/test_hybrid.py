"""The sampler `hybrid`: over- and undersampling in one epoch."""

import numpy as np
import pytest
import torch

from decouple.class_counts import longtail_counts
from decouple.errors import ConfigError
from samplers import SAMPLERS

COUNTS = longtail_counts("exp", 10, 500, 100)
LABELS = torch.from_numpy(np.random.default_rng(0).permutation(np.repeat(np.arange(10), COUNTS)))


def test_hybrid_draws_every_class_as_often_as_its_target() -> None:
    sampler = SAMPLERS["hybrid"](LABELS, target=60)
    assert len(sampler) == 10 * 60
    displayed = np.bincount(sampler.draw(), minlength=len(LABELS))
    for label, count in enumerate(COUNTS):
        own = displayed[LABELS.numpy() == label]
        assert own.sum() == 60
        assert set(own) <= {60 // count, -(-60 // count)}


def test_hybrid_aims_half_way_between_the_largest_and_the_smallest_class() -> None:
    # 500 images and 5: sqrt(500 * 5) = 50, ten times as many as the one, a tenth of the other.
    assert len(SAMPLERS["hybrid"](LABELS)) == 10 * 50
    assert LABELS[SAMPLERS["hybrid"](LABELS).draw()].bincount().tolist() == [50] * 10


@pytest.mark.parametrize(("target", "name"), [(500, "oversample"), (5, "undersample")])
def test_hybrid_ends_at_over_and_undersampling(target: int, name: str) -> None:
    assert torch.equal(SAMPLERS["hybrid"](LABELS, target=target).draw(), SAMPLERS[name](LABELS).draw())


@pytest.mark.parametrize("target", [-1, 2.5, True])
def test_another_target_is_refused(target: float) -> None:
    with pytest.raises(ConfigError, match="target"):
        SAMPLERS["hybrid"](LABELS, target=target)
