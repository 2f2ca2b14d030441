import math

import pytest
import torch
from torch import Tensor

from decouple.errors import ConfigError, DataError
from stage1.losses.loss import Loss, effective_number_weights, scaled_to_classes


class FirstLogit(Loss):
    """The loss of a sample is its first logit, plus its features' sum where it gets some."""

    def per_sample(self, logits: Tensor, labels: Tensor, features: Tensor | None) -> Tensor:
        return logits[:, 0] if features is None else logits[:, 0] + features.sum(dim=1)


class WithFeatures(FirstLogit):
    needs_features = True


COUNTS = torch.tensor([3, 1])
LOGITS, LABELS = torch.tensor([[1.0, 0], [2, 0], [6, 0]]), torch.tensor([0, 0, 1])


def test_without_weights_it_is_the_mean() -> None:
    assert FirstLogit(COUNTS)(LOGITS, LABELS).item() == 3  # (1 + 2 + 6) / 3


def test_with_weights_it_is_the_weighted_mean() -> None:
    # (1, 3) is scaled to sum 2: (1/2, 3/2). (1/2 + 2/2 + 6 * 3/2) / (1/2 + 1/2 + 3/2) = 10.5 / 2.5.
    loss = FirstLogit(COUNTS, torch.tensor([1, 3]))
    assert loss.class_weights is not None
    assert loss.class_weights.tolist() == [0.5, 1.5]
    assert loss(LOGITS, LABELS).item() == pytest.approx(4.2)
    assert loss.values(LOGITS, LABELS).tolist() == [1, 2, 6]  # of the samples, before any weight


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [(torch.bfloat16, torch.float32), (torch.float16, torch.float32), (torch.float32,) * 2, (torch.float64,) * 2],
)
def test_float32_at_least(dtype, expected) -> None:
    # 1000.5 has no place among the 8 bits of bfloat16 or the 11 of float16; the mean of 1000 and 1001 needs float32.
    logits = torch.tensor([[1000.0, 0], [1001, 0]]).to(dtype)
    value = FirstLogit(COUNTS)(logits, torch.tensor([0, 1]))
    assert value.dtype == expected
    assert value.item() == logits[:, 0].double().mean().item()


def test_features_reach_only_the_losses_that_need_them() -> None:
    features = torch.full((3, 2), 5.0, dtype=torch.bfloat16)
    assert FirstLogit(COUNTS)(LOGITS, LABELS, features).item() == 3
    value = WithFeatures(COUNTS)(LOGITS, LABELS, features)
    assert value.item() == 13
    with pytest.raises(ConfigError, match="WithFeatures needs the features beside the logits"):
        WithFeatures(COUNTS)(LOGITS, LABELS)


def test_progress_is_the_share_of_the_epochs() -> None:
    loss = FirstLogit(COUNTS)
    assert loss.progress == 0
    for epoch, progress in [(0, 0), (5, 0.25), (20, 1), (25, 1)]:
        loss.set_epoch(epoch, 20)
        assert loss.progress == progress


@pytest.mark.parametrize(("epoch", "epochs"), [(-1, 20), (0, 0)])
def test_epochs_that_do_not_exist_are_refused(epoch, epochs) -> None:
    message = r"epoch must be 0 or more, got -1|epochs must be 1 or more, got 0"
    with pytest.raises(ConfigError, match=message):
        FirstLogit(COUNTS).set_epoch(epoch, epochs)


@pytest.mark.parametrize("counts", [torch.tensor([[3, 1]]), torch.tensor([3]), torch.tensor(3)])
def test_counts_are_a_row_of_two_or_more(counts) -> None:
    with pytest.raises(DataError, match=r"must have shape \(C,\) with C at least 2"):
        FirstLogit(counts)


@pytest.mark.parametrize("counts", [[3, 0, 1, 0], [3.0, 0.0, 1.0, 0.0]])
def test_classes_without_images_are_named(counts) -> None:
    with pytest.raises(DataError, match=r"no training image for classes \[1, 3\] of 4"):
        FirstLogit(torch.tensor(counts))


@pytest.mark.parametrize(("counts", "wrong"), [([3, 0, 1, -2], "-2"), ([3.0, math.nan, 1.0, 0.0], "nan")])
def test_counts_that_are_no_numbers_of_images_are_named(counts: list[float], wrong: str) -> None:
    with pytest.raises(DataError, match=f"class_counts must be whole numbers of images, got {wrong}"):
        FirstLogit(torch.tensor(counts))


def test_effective_numbers_by_hand() -> None:
    # beta 1/2: (1 - 1/2) / (1 - 2^-n) is 1, 2/3 and 4/7 for 1, 2 and 3 images; the sum is 47/21.
    expected = torch.tensor([1, 2 / 3, 4 / 7], dtype=torch.float64) * 3 / (47 / 21)
    torch.testing.assert_close(effective_number_weights(torch.tensor([1, 2, 3]), 0.5), expected)


def test_effective_numbers_keep_their_digits_near_beta_1() -> None:
    # 1 - beta = 1e-15: (1 - beta^n) / (1 - beta) = n - n (n - 1) / 2 * 1e-15 ..., which is n to nine digits.
    weights = effective_number_weights(torch.tensor([1, 10, 1000]), 1 - 1e-15)
    torch.testing.assert_close(
        weights / weights[0], torch.tensor([1, 0.1, 0.001], dtype=torch.float64), rtol=1e-9, atol=0
    )


@pytest.mark.parametrize("beta", [-0.1, 1.1, math.nan])
def test_another_beta_is_refused(beta) -> None:
    with pytest.raises(ConfigError, match=r"beta must be between 0 and 1, got .*; 0\.9999 is usual"):
        effective_number_weights(COUNTS, beta)


def test_equal_weights_are_1() -> None:
    assert scaled_to_classes(None) is None
    assert torch.equal(scaled_to_classes(torch.full((7,), 1 / 3)), torch.ones(7, dtype=torch.float64))
