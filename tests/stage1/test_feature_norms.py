import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from decouple.datasets.data import Data
from decouple.files.tensor_files import read_tensors, write_tensors
from decouple.seeding import make_rng
from stage1.batches import Batches
from stage1.checkpoint import load_checkpoint, save_checkpoint
from stage1.feature_norms import ClassNormRecord, group_feature_norms
from stage1.trainer import Training, finish_epoch, train_epoch

Make = Callable[..., Training]
STILL = {"augment": "none", "lr": 1e-30, "weight_decay": 0.0}  # one network for all steps: no float32 changes


def test_a_group_is_the_mean_over_its_classes() -> None:
    # Class 0 is many; classes 1 and 2 are few, (1 + 7) / 2, and class 3 has no images.
    means = group_feature_norms(torch.tensor([3.0, 1.0, 7.0, torch.nan]), [500, 5, 4, 3])
    assert means == {"many": pytest.approx(3), "medium": None, "few": pytest.approx(4)}


def test_means_over_the_steps_of_an_epoch_by_hand() -> None:
    # Norms 5 and 1, then 3 of class 0: 9 / 3. Class 1: 2. Class 2: none.
    record = ClassNormRecord.empty(3, torch.device("cpu"))
    record.add(torch.tensor([[3.0, -4.0], [0.0, 2.0], [1.0, 0.0]]), torch.tensor([0, 1, 0]))
    record.add(torch.tensor([[0.0, 3.0]]), torch.tensor([0]))
    record.end_epoch()
    record.end_epoch(torch.tensor([1.0, 2.0, 4.0], dtype=torch.float64))
    assert record.epochs.dtype == torch.float32
    assert record.epochs[:, :2].tolist() == [[3, 2], [1, 2]]
    assert record.epochs[0, 2].isnan()
    assert record.sums.count_nonzero() == 0


def test_a_share_of_an_image_counts_as_much() -> None:
    # Norm 5 with share 1/4 and norm 1 with share 3/4: (5/4 + 3/4) / 1.
    record = ClassNormRecord.empty(1, torch.device("cpu"))
    features, labels = torch.tensor([[3.0, 4.0], [0.0, 1.0]]), torch.tensor([0, 0])
    record.add(features, labels, torch.tensor([0.25, 0.75]))
    assert record.sums.tolist() == [[2], [1]]
    record.add(features, labels, torch.tensor(0.5))  # one for the batch: 3 more, of 1 image
    assert record.sums.tolist() == [[5], [2]]


def test_sums_do_not_depend_on_the_order() -> None:
    rng = np.random.default_rng(0)
    features, labels = torch.from_numpy(rng.random((500, 3)).astype(np.float32)), torch.arange(500) % 4
    first, second = (ClassNormRecord.empty(4, torch.device("cpu")) for _ in range(2))
    first.add(features, labels)
    for index in rng.permutation(500):
        second.add(features[index : index + 1], labels[index : index + 1])
    assert torch.equal(first.sums, second.sums)


def _train(training: Training, steps: int | None = None) -> None:
    remaining = iter([False] * ((steps or 0) - 1) + [True] if steps else [])
    while not training.finished and train_epoch(training, lambda *_: None, lambda: next(remaining, False)):
        training.seconds = 1.0
        finish_epoch(training)


def _without_validation(training: Training, data: Data) -> Training:
    splits = {name: indices for name, indices in data.splits.items() if name != "val"}
    assert isinstance(training.batches, Batches)
    training.batches = dataclasses.replace(training.batches, data=dataclasses.replace(data, splits=splits))
    return training


def _norms(training: Training, indices: np.ndarray) -> Tensor:
    """Return the norms of colour means, in float64 from the pixels."""
    data, scale = training.batches.data, training.batches.normalization
    colours = data.pixels.read(indices).mean(axis=(1, 2)) / 255
    return torch.from_numpy((colours - scale.mean) / scale.std).norm(dim=1)


def test_the_norms_are_of_validation_images_where_there_are_some(
    make_tiny: Make, tiny_data: Data, mean_backbone: None
) -> None:
    training = make_tiny(**STILL)
    _train(training)
    norms = _norms(training, np.arange(30, 39))  # of classes 0, 1, 2, 0, 1, 2 ...
    assert training.class_norms.epochs.shape == (2, 3)
    for row in training.class_norms.epochs.double():
        torch.testing.assert_close(row, norms.reshape(3, 3).mean(dim=0), rtol=1e-5, atol=0)
    assert training.class_norms.sums.count_nonzero() == 0
    assert training.history[0]["val_norm_few"] == pytest.approx(float(norms.mean()), rel=1e-5)


def test_without_validation_they_are_of_the_training_images(
    make_tiny: Make, tiny_data: Data, mean_backbone: None
) -> None:
    training = _without_validation(make_tiny(**STILL), tiny_data)
    _train(training)
    norms = _norms(training, np.arange(30))
    expected = torch.stack([norms[:16].mean(), norms[16:26].mean(), norms[26:].mean()])
    for row in training.class_norms.epochs.double():
        torch.testing.assert_close(row, expected, rtol=1e-5, atol=0)
    assert training.history[0]["val_norm_few"] is None


def test_a_mixed_image_is_of_both_classes(make_tiny: Make, tiny_data: Data, mean_backbone: None) -> None:
    training = _without_validation(make_tiny(**STILL, mix="mixup", batch_size=30, epochs=1), tiny_data)
    batch: list[Tensor] = []
    training.network.register_forward_pre_hook(lambda _, arguments: batch.append(arguments[0]))
    train_epoch(training, lambda *_: None, lambda: False)
    training.sampler.set_epoch(0)
    labels = torch.from_numpy(tiny_data.labels)[training.sampler.draw()]
    rng = make_rng(training.config.seed, "mixing", 0)
    lam, partners = rng.beta(1.0, 1.0), torch.from_numpy(rng.permutation(30))
    norms = batch[0].double().mean(dim=(2, 3)).norm(dim=1)
    shares = lam * torch.eye(3)[labels].double() + (1 - lam) * torch.eye(3)[labels[partners]].double()  # (30, 3)
    torch.testing.assert_close(
        training.class_norms.sums, torch.stack([norms @ shares, shares.sum(0)]), rtol=1e-4, atol=0
    )
    assert training.class_norms.sums[1].sum() == pytest.approx(30, rel=1e-6)


@pytest.mark.parametrize("validated", [True, False])
@pytest.mark.parametrize("steps", [1, 4, 6])  # in epoch 1, behind the last step of it, in epoch 2 of 4 steps
def test_a_resumed_training_has_the_same_bits(
    tmp_path: Path, make_tiny: Make, tiny_data: Data, small_backbone: None, *, steps: int, validated: bool
) -> None:
    whole, first, second = (make_tiny(mix="mixup") for _ in range(3))
    if not validated:
        whole, first, second = (_without_validation(training, tiny_data) for training in (whole, first, second))
    _train(whole)
    _train(first, steps)
    save_checkpoint(tmp_path / "saved", first)
    load_checkpoint(tmp_path / "saved", second)
    _train(second)
    assert whole.class_norms.epochs.isfinite().all()
    assert torch.equal(second.class_norms.epochs, whole.class_norms.epochs)


def test_a_checkpoint_without_the_record_loads(tmp_path: Path, make_tiny: Make, small_backbone: None) -> None:
    first, second = make_tiny(), make_tiny()
    _train(first, 6)
    save_checkpoint(tmp_path / "saved", first)
    tensors, metadata = read_tensors(tmp_path / "saved")
    old = {name: tensor for name, tensor in tensors.items() if not name.startswith("class_norms.")}
    assert len(old) == len(tensors) - 2
    write_tensors(tmp_path / "old", old, metadata)
    load_checkpoint(tmp_path / "old", second)
    _train(second)
    assert second.class_norms.epochs[0].isnan().all()
    assert second.class_norms.epochs[1].isfinite().all()
