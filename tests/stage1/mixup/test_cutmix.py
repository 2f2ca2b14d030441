import numpy as np
import pytest
import torch

from decouple.errors import ConfigError
from stage1.mixup.cutmix import CutMix, _window

COUNTS = torch.tensor([5, 5])
IMAGES = torch.arange(6.0).view(6, 1, 1, 1).expand(6, 3, 8, 10)  # image k is k everywhere
LABELS = torch.arange(6)  # so that a label tells its image


@pytest.mark.parametrize("seed", range(20))
def test_the_share_is_that_of_the_pixels(seed: int) -> None:
    mixed = CutMix(COUNTS)(IMAGES, LABELS, np.random.default_rng(seed))
    own = (mixed.images == mixed.first.view(6, 1, 1, 1)).float().mean(dim=(1, 2, 3))
    other = mixed.first != mixed.second
    torch.testing.assert_close(own[other], mixed.lam.expand(6)[other])
    assert sorted(mixed.second.tolist()) == LABELS.tolist()


def test_what_is_replaced_is_one_rectangle_of_the_partner() -> None:
    rng = np.random.default_rng(2)
    mixed = CutMix(COUNTS)(IMAGES, LABELS, rng)
    assert 0 < mixed.lam < 1
    for image, first, second in zip(mixed.images, mixed.first, mixed.second, strict=True):
        assert set(image.unique().tolist()) <= {float(first), float(second)}
        rows, columns = torch.where(image[0] != first)
        if first != second:
            height, width = rows.max() - rows.min() + 1, columns.max() - columns.min() + 1
            assert len(rows) == height * width
        assert torch.equal(image[0], image[1])


def test_a_rectangle_by_hand() -> None:
    # lambda 0.75: half of the side, 4 of 8 pixels, 2 to each side of the middle 5; at middle 1 cut off to 0..2.
    class Middle:
        def __init__(self, middle: int) -> None:
            self.middle = middle

        def integers(self, _: int) -> int:
            return self.middle

    assert _window(8, (1 - 0.75) ** 0.5, Middle(5)) == slice(3, 7)  # type: ignore[arg-type]
    assert _window(8, (1 - 0.75) ** 0.5, Middle(1)) == slice(0, 3)  # type: ignore[arg-type]
    assert _window(8, (1 - 0.75) ** 0.5, Middle(7)) == slice(5, 8)  # type: ignore[arg-type]


def test_nothing_given_is_changed_and_the_generator_decides() -> None:
    images = IMAGES.clone()
    first, again, other = (CutMix(COUNTS)(images, LABELS, np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert torch.equal(images, IMAGES)
    assert torch.equal(first.images, again.images)
    assert not torch.equal(first.images, other.images)


def test_alpha_must_be_above_0() -> None:
    with pytest.raises(ConfigError, match="alpha must be above 0, got 0"):
        CutMix(COUNTS, alpha=0)
