import math

import pytest

from stage1.schedule import learning_rate
from stage1.settings import Stage1Config


def _rates(steps: int, **settings: object) -> list[float]:
    config = Stage1Config(lr=0.1, **{"warmup_epochs": 0, **settings})  # type: ignore[arg-type]
    return [learning_rate(config, step, steps) for step in range(config.epochs * steps)]


def test_cosine_starts_at_lr_is_half_in_the_middle_and_ends_above_zero() -> None:
    rates = _rates(5, epochs=4, schedule="cosine")
    assert rates[0] == 0.1
    assert rates[5] == pytest.approx(0.05 * (1 + math.sqrt(0.5)))  # a quarter: cos(pi/4)
    assert rates[10] == pytest.approx(0.05)
    # Step 19 of 20: (1 + cos(pi - a)) / 2 = sin(a/2)^2 with a = pi/20; sin(pi/40) = 0.0784591.
    assert rates[19] == pytest.approx(0.1 * 0.0784591**2, rel=1e-5)


def test_cosine_falls_over_what_warmup_leaves() -> None:
    rates = _rates(4, epochs=5, schedule="cosine", warmup_epochs=1)
    assert rates[:5] == pytest.approx([0.025, 0.05, 0.075, 0.1, 0.1])
    assert rates[12] == pytest.approx(0.05)  # 8 of the 16 steps after warm-up
    assert rates[5:] == sorted(rates[5:], reverse=True)
    assert rates[-1] > 0


def test_warmup_may_take_all_epochs() -> None:
    assert _rates(2, epochs=2, warmup_epochs=2) == pytest.approx([0.025, 0.05, 0.075, 0.1])


def test_multistep_falls_at_80_and_90_percent() -> None:
    rates = _rates(2, epochs=10, schedule="multistep")
    assert rates == pytest.approx([0.1] * 16 + [0.01] * 2 + [0.001] * 2)


def test_multistep_falls_at_given_epochs() -> None:
    rates = _rates(1, epochs=7, schedule="multistep", milestones=(2, 5), gamma=0.5)
    assert rates == pytest.approx([0.1, 0.1, 0.05, 0.05, 0.05, 0.025, 0.025])


def test_step_falls_every_so_many_epochs() -> None:
    rates = _rates(2, epochs=7, schedule="step", step_size=3)
    assert rates == pytest.approx([0.1] * 6 + [0.01] * 6 + [0.001] * 2)


def test_constant_stays_after_warmup() -> None:
    assert _rates(2, epochs=3, schedule="constant", warmup_epochs=1) == pytest.approx([0.05] + [0.1] * 5)
