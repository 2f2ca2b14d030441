import pytest
import torch

from stage2.grid_predictions import argmax_along_path, argmax_over_grid


def test_two_settings_by_hand() -> None:
    # Logits (6, 5, 0), divided by (1, 1, 1): class 0 wins; by (3, 1, 1): 2, 5, 0, so class 1 does.
    logits, shift = torch.tensor([[6.0, 5.0, 0.0]]), torch.tensor([0.0, 0.0, 9.0]).expand(2, 3)
    divisors = torch.tensor([[1.0, 1.0, 1.0], [3.0, 1.0, 1.0]])
    assert argmax_over_grid(logits, divisors, None).tolist() == [[0], [1]]
    assert argmax_over_grid(logits, divisors, shift).tolist() == [[2], [2]]
    assert argmax_over_grid(logits, None, torch.tensor([[0.0, 0.0, 5.5], [0.0, 2.0, 0.0], [0, 0, 7]])).tolist() == [
        [0],
        [1],
        [2],
    ]


@pytest.mark.parametrize("num_classes", [4, 200])
def test_of_equal_logits_the_first_class_wins(num_classes: int) -> None:
    ones = torch.ones(2, num_classes)
    assert argmax_over_grid(torch.zeros(3, num_classes), ones, None).tolist() == [[0] * 3] * 2
    logits = torch.zeros(1, num_classes)
    logits[0, 2:] = 2.0
    assert argmax_over_grid(logits, ones, None).tolist() == [[2], [2]]


@pytest.mark.parametrize("num_classes", [2, 10, 128, 129, 300])
@pytest.mark.parametrize(("divided", "shifted"), [(True, False), (True, True), (False, True)])
def test_equals_a_search_at_each_setting(num_classes: int, divided: bool, shifted: bool) -> None:
    rng = torch.Generator().manual_seed(num_classes)
    logits = torch.randn(1500, num_classes, generator=rng).round(decimals=1)  # with ties
    divisors = torch.rand(31, num_classes, generator=rng) + 0.5 if divided else None
    shifts = torch.randn(31, num_classes, generator=rng).round(decimals=1) if shifted else None
    for setting, result in enumerate(argmax_over_grid(logits, divisors, shifts)):
        expected = logits if divisors is None else logits / divisors[setting]
        expected = expected if shifts is None else expected + shifts[setting]
        assert torch.equal(result.long(), expected.argmax(dim=1))


@pytest.mark.parametrize("num_classes", [3, 10, 300])
@pytest.mark.parametrize("num_settings", [1, 2, 10, 11, 25, 101])
@pytest.mark.parametrize("divided", [True, False])
def test_along_a_line_the_search_may_skip(num_classes: int, num_settings: int, divided: bool) -> None:
    rng = torch.Generator().manual_seed(num_classes)
    logits = torch.randn(400, num_classes, generator=rng)
    logits[:40] -= 9  # rows in which no logit is positive
    steps, slopes = torch.linspace(0, 2, num_settings)[:, None], torch.rand(num_classes, generator=rng) + 0.3
    settings = (slopes**steps, None) if divided else (None, -steps * slopes.log())
    result, expected = argmax_along_path(logits, *settings), argmax_over_grid(logits, *settings)
    assert torch.equal(result, expected)
    if num_settings > 10:
        assert (expected[0] != expected[-1]).sum() > 100  # there was something to find


def test_a_winner_of_a_few_settings_between_two_marks_is_not_missed_where_the_marks_differ() -> None:
    # At setting s: (10 - s, 5.2, s), so that class 0 wins up to 4, class 1 at 5 alone, class 2 from 6 on.
    steps = torch.arange(11.0)[:, None]
    logits, shifts = torch.tensor([[10.0, 5.2, 0.0]]), torch.cat([-steps, torch.zeros_like(steps), steps], dim=1)
    assert argmax_along_path(logits, None, shifts).flatten().tolist() == [0] * 5 + [1] + [2] * 5
