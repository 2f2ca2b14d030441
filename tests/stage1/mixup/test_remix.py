import numpy as np
import pytest
import torch

from decouple.errors import ConfigError
from stage1.mixup.mixed_batch import MixedBatch
from stage1.mixup.mixup import Mixup
from stage1.mixup.remix import Remix

COUNTS = torch.tensor([30, 100, 10])  # unsorted: class 1 is 3.3 times class 0, class 0 is 3 times class 2
IMAGES = torch.zeros(9, 3, 1, 1)
FIRST, SECOND = torch.tensor([0, 0, 0, 1, 1, 1, 2, 2, 2]), torch.tensor([0, 1, 2] * 3)  # every pair of classes


def _lams(lam: float, monkeypatch: pytest.MonkeyPatch, **options: float) -> list[float]:
    """Return the label shares of the nine pairs (0,0), (0,1), ... (2,2) when mixup draws `lam`."""
    monkeypatch.setattr(Mixup, "__call__", lambda *_: MixedBatch(IMAGES, FIRST, SECOND, torch.tensor(lam)))
    return Remix(COUNTS, **options)(IMAGES, FIRST, np.random.default_rng(0)).lam.tolist()  # type: ignore[arg-type]


def test_below_one_half_the_rarer_second_label_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    # lambda 0.25 < 0.5: 0 where n_a / n_b >= 3, that is pairs (0, 2), (1, 0), (1, 2). 1 - lambda is not below 0.5.
    assert _lams(0.25, monkeypatch) == [0.25, 0.25, 0, 0, 0.25, 0, 0.25, 0.25, 0.25]


def test_above_one_half_the_rarer_first_label_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    # 1 - lambda = 0.25 < 0.5: 1 where n_a / n_b <= 1/3, that is pairs (0, 1), (2, 0), (2, 1).
    assert _lams(0.75, monkeypatch) == [0.75, 1, 0.75, 0.75, 0.75, 0.75, 1, 1, 0.75]


def test_kappa_says_how_many_times_larger(monkeypatch: pytest.MonkeyPatch) -> None:
    # Above kappa 3.2 only class 1 against 0 and 2 is large enough.
    assert _lams(0.25, monkeypatch, kappa=3.2) == [0.25, 0.25, 0.25, 0, 0.25, 0, 0.25, 0.25, 0.25]


def test_the_threshold_is_strict(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _lams(0.5, monkeypatch) == [0.5] * 9
    assert _lams(0.25, monkeypatch, threshold=0.25) == [0.25] * 9


def test_threshold_0_is_mixup(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _lams(0.001, monkeypatch, threshold=0) == pytest.approx([0.001] * 9)


def test_images_are_those_of_mixup() -> None:
    images, labels = torch.randn(9, 3, 4, 4), torch.arange(9) % 3
    mixed, plain = (mix(images, labels, np.random.default_rng(5)) for mix in (Remix(COUNTS), Mixup(COUNTS)))
    assert torch.equal(mixed.images, plain.images)
    assert torch.equal(mixed.second, plain.second)
    assert mixed.lam.shape == (9,)
    assert set(mixed.lam.tolist()) <= {0.0, 1.0, float(plain.lam)}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kappa": 0.5}, "kappa must be 1 or more, got 0.5; 3 is"),
        ({"threshold": 1.5}, r"threshold must be between 0 and 1, got 1.5"),
        ({"alpha": 0.0}, "alpha must be above 0, got 0"),
    ],
)
def test_values_out_of_range(options: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Remix(COUNTS, **options)  # type: ignore[arg-type]
