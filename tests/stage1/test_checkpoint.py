import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from decouple.errors import RunError
from decouple.files.weights_metadata import WeightsMetadata
from stage1.batches import Batches
from stage1.checkpoint import load_checkpoint, load_weights, save_checkpoint, save_weights
from stage1.trainer import Training, finish_epoch, train_epoch

Make = Callable[..., Training]
SameBits = Callable[[dict[str, Tensor], dict[str, Tensor]], bool]

CASES = [
    pytest.param(True, {"optimizer": "sgd"}, id="dropout sgd"),
    pytest.param(True, {"optimizer": "adam", "lr": 0.01}, id="dropout adam"),
    pytest.param(False, {"optimizer": "sgd"}, id="resnet20 sgd"),
    pytest.param(False, {"optimizer": "adam", "lr": 0.01}, id="resnet20 adam"),
    pytest.param(True, {"optimizer": "adam", "lr": 0.01, "sam": 0.1, "mix": "mixup"}, id="dropout adam sam"),
    pytest.param(True, {"optimizer": "lamb", "lr": 0.01}, id="dropout lamb"),
    pytest.param(True, {"optimizer": "adafactor", "lr": 0.01}, id="dropout adafactor"),
    pytest.param(True, {"loss": "seesaw", "mix": "mixup"}, id="a loss that counts"),
    pytest.param(True, {"loss": "gcl", "drw": True, "drw_options": {"start": 0.5}}, id="a loss with noise"),
    pytest.param(True, {"momentum": 0.0, "sampler": "class", "loss": "balanced_softmax"}, id="no momentum"),
]


def _train(training: Training, stop_after: int | None = None) -> None:
    """Train to the end, or for so many steps."""
    done = 0

    def stop() -> bool:
        nonlocal done
        done += 1
        return done == stop_after

    while not training.finished:
        if not train_epoch(training, lambda *_: None, stop):
            return
        training.seconds = 1.0
        finish_epoch(training)


@pytest.fixture
def make(make_tiny: Make, request: pytest.FixtureRequest) -> Callable[[bool], Make]:
    def choose(small: bool) -> Make:
        if small:
            request.getfixturevalue("small_backbone")
        return make_tiny

    return choose


@pytest.mark.parametrize("steps", [1, 4, 6])  # in epoch 1, behind the last step of it, in epoch 2 of 4 steps
@pytest.mark.parametrize(("small", "settings"), CASES)
def test_an_interrupted_training_ends_as_one_that_was_not(
    tmp_path: Path,
    make: Callable[[bool], Make],
    same_bits: SameBits,
    small: bool,
    settings: dict[str, object],
    steps: int,
) -> None:
    uninterrupted, first, second = (make(small)(**settings) for _ in range(3))
    _train(uninterrupted)
    _train(first, stop_after=steps)
    assert not first.finished
    save_checkpoint(tmp_path / "saved", first)
    torch.manual_seed(steps)  # another process has other global state
    torch.rand(5)
    load_checkpoint(tmp_path / "saved", second)
    assert (second.epoch, second.step) == (first.epoch, first.step)
    _train(second)
    assert same_bits(uninterrupted.network.state_dict(), second.network.state_dict())
    assert second.history == uninterrupted.history
    assert (second.best_epoch, second.best_balanced) == (uninterrupted.best_epoch, uninterrupted.best_balanced)


def test_dropout_is_on_in_these_trainings(small_backbone: None, make_tiny: Make, same_bits: SameBits) -> None:
    first, second = make_tiny(), make_tiny()
    dropout = second.network.backbone.dropout
    assert isinstance(dropout, torch.nn.Dropout)
    dropout.p = 0.0
    _train(first)
    _train(second)
    assert not same_bits(first.network.state_dict(), second.network.state_dict())


@pytest.mark.parametrize(("small", "settings"), CASES)
def test_a_round_trip_keeps_everything(
    tmp_path: Path, make: Callable[[bool], Make], same_bits: SameBits, small: bool, settings: dict[str, object]
) -> None:
    saved, loaded = make(small)(**settings), make(small)(**settings)
    _train(saved, stop_after=6)
    saved.seconds = 0.75
    save_checkpoint(tmp_path / "saved", saved)
    load_checkpoint(tmp_path / "saved", loaded)
    assert same_bits(saved.network.state_dict(), loaded.network.state_dict())
    assert torch.equal(saved.totals, loaded.totals)
    assert (loaded.epoch, loaded.step, loaded.seconds) == (1, 2, 0.75)
    assert loaded.history == saved.history
    before, after = (training.optimizer.state_dict()["state"] for training in (saved, loaded))
    for number, entries in before.items():
        for name, value in entries.items():
            if isinstance(value, Tensor):
                assert torch.equal(value, after[number][name])
                assert value.stride() == after[number][name].stride()  # else the step is slow, and rounds otherwise


def test_other_images_are_refused(tmp_path: Path, small_backbone: None, make_tiny: Make) -> None:
    training = make_tiny()
    save_checkpoint(tmp_path / "saved", training)
    other = dataclasses.replace(training.batches.data, fingerprint="of other images")
    assert isinstance(training.batches, Batches)
    training.batches = dataclasses.replace(training.batches, data=other)
    with pytest.raises(RunError, match=r"the images are not those that .*saved was trained on"):
        load_checkpoint(tmp_path / "saved", training)


def test_damaged_files_are_refused(tmp_path: Path, small_backbone: None, make_tiny: Make) -> None:
    training = make_tiny()
    _train(training, stop_after=2)
    save_checkpoint(tmp_path / "saved", training)
    save_weights(tmp_path / "weights", training.network, 1)
    for name, load in (
        ("saved", lambda path: load_checkpoint(path, training)),
        ("weights", lambda path: load_weights(path, training.network)),
    ):
        content = (tmp_path / name).read_bytes()
        for length in (0, 4, 100, len(content) // 2, len(content) - 1):
            (tmp_path / name).write_bytes(content[:length])
            with pytest.raises(RunError, match=f"{name} is damaged"):
                load(tmp_path / name)
        (tmp_path / name).unlink()
        with pytest.raises(RunError, match=f"{name} is missing"):
            load(tmp_path / name)


def test_files_of_another_model_are_refused(tmp_path: Path, make_tiny: Make) -> None:
    small, large = make_tiny(model="resnet20"), make_tiny(model="resnet32")
    save_checkpoint(tmp_path / "saved", small)
    save_weights(tmp_path / "weights", small.network, {})
    with pytest.raises(RunError, match="saved does not fit the settings of its run"):
        load_checkpoint(tmp_path / "saved", large)
    with pytest.raises(RunError, match="weights does not fit the model of its run"):
        load_weights(tmp_path / "weights", large.network)


def test_weights_are_no_checkpoint(tmp_path: Path, small_backbone: None, make_tiny: Make) -> None:
    training = make_tiny()
    save_weights(tmp_path / "weights", training.network, 1)
    with pytest.raises(RunError, match="is damaged: 'classifier' is not known"):
        load_checkpoint(tmp_path / "weights", training)


def test_weights_round_trip(tmp_path: Path, small_backbone: None, make_tiny: Make, same_bits: SameBits) -> None:
    saved, loaded = make_tiny(seed=0), make_tiny(seed=1)
    _train(saved, stop_after=3)
    save_weights(tmp_path / "weights", saved.network, 7)
    assert not same_bits(saved.network.state_dict(), loaded.network.state_dict())
    assert load_weights(tmp_path / "weights", loaded.network) == WeightsMetadata(
        epoch=7, classifier="linear", scale=1.0
    )
    assert same_bits(saved.network.state_dict(), loaded.network.state_dict())
