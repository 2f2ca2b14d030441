from collections.abc import Callable
from pathlib import Path

import pytest

from decouple.errors import DataError
from decouple.reporting.training_curves import draw_training_curves


def test_is_written_with_validation_now_and_then(check_figure: Callable[..., object]) -> None:
    epochs = range(1, 201)
    history: dict[str, list[float | None]] = {
        "epoch": list(epochs),
        "train_loss": [2.3 / epoch for epoch in epochs],
        "train_top1": [float("nan") if epoch == 7 else epoch / 2 for epoch in epochs],
        "val_loss": [2.5 / epoch if epoch % 10 == 0 else None for epoch in epochs],
        "val_top1": [epoch / 3 if epoch % 10 == 0 else None for epoch in epochs],
        "val_balanced": [None] * 200,
        "lr": [0.1 * (1 - epoch / 200) for epoch in epochs],
    }
    check_figure(lambda: draw_training_curves(history), again=True)


def test_one_epoch_without_validation(check_figure: Callable[..., object]) -> None:
    history: dict[str, list[float | None]] = {"epoch": [1], "train_loss": [2.0], "train_top1": [10.0], "lr": [0.1]}
    check_figure(lambda: draw_training_curves(history))


def test_nothing_but_epochs(check_figure: Callable[..., object]) -> None:
    check_figure(lambda: draw_training_curves({"epoch": [1, 2], "train_loss": [None, float("inf")]}))


def test_a_short_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="'lr' has 1 values for 2 epochs"):
        draw_training_curves({"epoch": [1, 2], "lr": [0.1]})
