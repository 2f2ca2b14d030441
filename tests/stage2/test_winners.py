import pytest
import torch

from stage2.winners import winners


def test_two_settings_by_hand() -> None:
    # Rows (6, 5, 0) and (4, 4, 4): divided by (1, 1, 1) class 0 wins both images' columns; by (3, 1, 1): 2, 5, 0 -> 1.
    rows = torch.tensor([[6.0], [5.0], [0.0]])
    divisors = torch.tensor([[1.0, 1.0, 1.0], [3.0, 1.0, 1.0]])
    assert winners(rows, divisors, None).tolist() == [[0], [1]]
    assert winners(rows, divisors, torch.tensor([0.0, 0.0, 9.0])).tolist() == [[2], [2]]


def test_of_equal_logits_the_first_class_wins() -> None:
    assert winners(torch.zeros(4, 3), torch.ones(2, 4), None).tolist() == [[0] * 3] * 2
    assert winners(torch.tensor([[1.0], [2.0], [2.0]]), torch.ones(1, 3), None).tolist() == [[1]]


@pytest.mark.parametrize("num_classes", [2, 10, 128])
@pytest.mark.parametrize("shifted", [False, True])
def test_equals_a_search_at_each_setting(num_classes: int, shifted: bool) -> None:
    rng = torch.Generator().manual_seed(num_classes)
    rows = torch.randn(num_classes, 1500, generator=rng).round(decimals=1)  # with ties
    divisors = torch.rand(101, num_classes, generator=rng) + 0.5
    divisors[0] = 1
    shifts = torch.randn(num_classes, generator=rng) if shifted else None
    expected = [
        (rows / each[:, None] + (0 if shifts is None else shifts[:, None])).T.argmax(dim=1) for each in divisors
    ]
    assert torch.equal(winners(rows, divisors, shifts).long(), torch.stack(expected))
