"""The plain code that ours is compared with computes the same."""

import copy

import numpy as np
import torch

from benchmarks.cifar_size import COUNTS, cifar_config, glyph_data, noise_data, resident_batches
from benchmarks.data_path import LARGEST_ERROR, largest_error
from benchmarks.extraction import agreement, plain_features
from benchmarks.large_features import _subset
from benchmarks.plain_images import plain_loader
from benchmarks.plain_stage2 import plain_classifier, plain_means, plain_tau_recalls
from benchmarks.plain_training import balanced, plain_epoch, plain_training
from decouple.classifier import Classifier
from decouple.datasets.data import TRAIN, VAL
from decouple.files.features import Features
from stage1.augment import Augmentation
from stage1.extract import extract
from stage1.prepare import make_training
from stage2.methods.ncm import class_means
from stage2.methods.tau import GRID, tau_recalls

TINY = 0.02


def features(images: int = 300, classes: int = 6, width: int = 8) -> Features:
    rng = torch.Generator().manual_seed(0)
    labels = torch.arange(images) % classes
    centres = torch.randn(classes, width, generator=rng)
    return Features(centres[labels] + torch.randn(images, width, generator=rng), labels)


def test_the_data_have_the_counts_of_cifar_10_lt() -> None:
    data = noise_data()
    assert sum(COUNTS) == 12_406
    assert data.class_counts.tolist() == list(COUNTS)
    assert data.pixels.read(np.arange(2)).shape == (2, 32, 32, 3)


def test_glyphs_bring_validation_images_in_proportion() -> None:
    data = glyph_data(TINY)
    assert data.class_counts.tolist() == [100, 60, 36, 22, 13, 8, 5, 3, 2, 2]
    assert data.counts(VAL).tolist() == [20] * 10


def test_batches_equal_images_transformed_one_by_one() -> None:
    assert largest_error(resident_batches(noise_data(TINY), torch.device("cpu")), 64) <= LARGEST_ERROR


def test_the_plain_loader_has_crops_and_mirror_images_where_asked() -> None:
    batches = resident_batches(noise_data(TINY), torch.device("cpu"))
    train = batches.data.splits[TRAIN]
    images, labels = next(iter(plain_loader(batches, train)))
    ((same, _),) = batches.clean(train[:128], 128)
    torch.testing.assert_close(images, same, atol=1e-6, rtol=0)
    assert labels.tolist() == batches.data.labels[train[:128]].tolist()
    moved, _ = next(iter(plain_loader(batches, train, Augmentation(padding=4, hflip=True))))
    assert moved.shape == (128, 3, 32, 32)
    assert not torch.equal(moved, images)


def test_plain_class_means_are_ours() -> None:
    data = features()
    torch.testing.assert_close(plain_means(data, 6), class_means(data, 6))


def test_the_plain_tau_curve_is_ours() -> None:
    data = features()
    weight = class_means(data, 6) * torch.linspace(2, 0.5, 6)[:, None]
    classifier = Classifier("linear", weight, torch.zeros(6))
    torch.testing.assert_close(plain_tau_recalls(classifier, data, GRID), tau_recalls(classifier, data, GRID, False))


def test_the_plain_classifier_learns() -> None:
    data = features()
    classifiers = [plain_classifier(data, 6, lr=0.1, batch_size=16, steps=steps) for steps in (0, None)]
    before, after = (
        balanced(classifier.logits(data.features).argmax(dim=1), data.labels) for classifier in classifiers
    )
    assert after > before + 20  # percentage points; chance is 17 %


def test_a_part_of_the_features_has_every_class() -> None:
    labels = torch.cat([torch.zeros(990, dtype=torch.int64), torch.arange(1, 11)])
    part = _subset(Features(torch.arange(1000.0)[:, None], labels), 50)
    assert len(part.labels) == 50
    assert part.labels.unique().tolist() == list(range(11))
    assert torch.equal(labels[part.stored[:, 0].long()], part.labels)


def test_balanced_accuracy_by_hand() -> None:
    # Class 0: 2 of 3 right, class 2: 1 of 1; class 1 is absent.
    assert balanced(torch.tensor([0, 0, 1, 2]), torch.tensor([0, 0, 0, 2])) == 100 * (2 / 3 + 1) / 2


def test_plain_training_begins_with_the_same_weights_and_learns() -> None:
    data = glyph_data(TINY)
    ours, theirs = (make_training(cifar_config(model="resnet20", epochs=1, device="cpu"), data) for _ in range(2))
    plain = plain_training(theirs)
    before = copy.deepcopy(plain.network.state_dict())
    assert all(torch.equal(tensor, before[name]) for name, tensor in ours.network.state_dict().items())
    assert 0 <= plain_epoch(plain) <= 100
    assert not torch.equal(plain.network.classifier.weight, before["classifier.weight"])


def test_plain_features_are_ours() -> None:
    data = glyph_data(TINY)
    training = make_training(cifar_config(model="resnet20", precision="fp32", device="cpu"), data)
    theirs = plain_features(training.network, plain_loader(training.batches, data.splits[VAL]))
    ours = extract(training.network, training.batches, data.splits[VAL]).features
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=1e-4)
    assert agreement(training.network, theirs, ours) == 100
