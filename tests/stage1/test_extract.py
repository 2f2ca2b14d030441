import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from decouple.errors import RunError
from decouple.files.features import Features
from decouple.files.run_dir import RunDir
from stage1.augment import Augmentation
from stage1.checkpoint import save_weights
from stage1.extract import (
    LiveViews,
    cache_features,
    cache_views,
    extract,
    read_cached,
    read_views,
    weights_fingerprint,
)
from stage1.trainer import Training, train_epoch

DATA_RECORD = {
    "class_names": ["a", "b", "c"],
    "class_counts": [16, 10, 4],
    "group_counts": [16, 10, 4],
    "groups": {"many": [], "medium": [], "few": [0, 1, 2]},
    "split_counts": {"val": [3, 3, 3], "test": [3, 3, 3]},
    "flippable": True,
    "bad_images": 0,
    "fingerprint": "of the images",
    "mean": [0.5, 0.5, 0.5],
    "std": [0.2, 0.2, 0.2],
    "image_size": 8,
    "images": {"train": 30, "val": 9, "test": 9},
}


@pytest.fixture
def training(small_backbone: None, make_tiny: Callable[..., Training]) -> Training:
    """A training whose batch norm has statistics of an epoch, so that its two modes differ."""
    training = make_tiny(precision="fp32")
    train_epoch(training, lambda *_: None, lambda: False)
    return training


@pytest.fixture
def run(tmp_path: Path, training: Training) -> RunDir:
    run = RunDir(tmp_path)
    run.data.write_text(json.dumps(DATA_RECORD))
    save_weights(run.weights("last"), training.network, 1)
    return run


def test_features_are_those_of_a_forward_pass_in_evaluation_mode(training: Training) -> None:
    order = np.array([47, 0, 33, 12])
    training.network.train()
    extracted = extract(training.network, training.batches, order)
    ((images, _),) = training.batches.clean(order, 4)
    with torch.no_grad():
        torch.testing.assert_close(extracted.features, training.network.backbone.eval()(images))
        assert not torch.allclose(extracted.features, training.network.backbone.train()(images), atol=1e-2)
    assert extracted.labels.tolist() == training.batches.data.labels[order].tolist()
    assert extracted.features.dtype == torch.float32
    assert not extracted.features.requires_grad


def test_many_images_are_taken_in_batches(training: Training, monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = extract(training.network, training.batches, np.arange(48))
    monkeypatch.setattr("stage1.extract.EVALUATION_BATCH", 7)
    in_batches = extract(training.network, training.batches, np.arange(48))
    torch.testing.assert_close(in_batches.features, at_once.features)
    assert torch.equal(in_batches.labels, at_once.labels)


def _equal(first: Features, second: Features) -> bool:
    return torch.equal(first.features, second.features) and torch.equal(first.labels, second.labels)


def test_the_cache_gives_back_what_was_computed(run: RunDir, training: Training) -> None:
    computed = cache_features(run, "last", training.network, training.batches)
    cached = read_cached(run, "last")
    assert set(cached) == set(computed) == {"train", "val", "test"}
    assert all(_equal(cached[split], computed[split]) for split in computed)
    for split, indices in training.batches.data.splits.items():
        assert _equal(cached[split], extract(training.network, training.batches, indices))


def test_half_the_precision_is_half_the_file(run: RunDir, training: Training) -> None:
    full = cache_features(run, "last", training.network, training.batches)["train"]
    size = run.features("last", "train").stat().st_size
    half = cache_features(run, "last", training.network, training.batches, "float16")["train"]
    assert half.stored.dtype == torch.float16
    assert half.features.dtype == torch.float32
    assert torch.equal(half.features, full.features.half().float())
    assert size - run.features("last", "train").stat().st_size == pytest.approx(2 * 30 * 6, abs=8)  # and a header


def test_a_cache_that_lacks_a_split_is_refused(run: RunDir, training: Training) -> None:
    cache_features(run, "last", training.network, training.batches)
    run.features("last", "val").unlink()
    with pytest.raises(RunError, match=r"val\.safetensors is missing"):
        read_cached(run, "last")


@pytest.mark.parametrize(
    ("key", "value"),
    [("fingerprint", "of other images"), ("mean", [0.5, 0.5, 0.4]), ("std", [0.2, 0.2, 0.1]), ("image_size", 16)],
)
def test_the_fingerprint_changes_with_data_and_preprocessing(run: RunDir, key: str, value: object) -> None:
    before = weights_fingerprint(run, "last")
    assert weights_fingerprint(run, "last") == before
    run.data.write_text(json.dumps({**DATA_RECORD, key: value}))
    assert weights_fingerprint(run, "last") != before


def test_the_fingerprint_changes_with_a_single_weight(run: RunDir, training: Training) -> None:
    before = weights_fingerprint(run, "last")
    with torch.no_grad():
        next(iter(training.network.parameters()))[0, 0, 0, 0] += 1e-3
    save_weights(run.weights("last"), training.network, 1)
    assert weights_fingerprint(run, "last") != before


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("fingerprint", "of other images", "belongs to other images"),
        ("mean", [0.5, 0.5, 0.4], "was made with another preprocessing of the images"),
    ],
)
def test_features_of_other_data_are_refused(
    run: RunDir, training: Training, key: str, value: object, reason: str
) -> None:
    cache_features(run, "last", training.network, training.batches)
    run.data.write_text(json.dumps({**DATA_RECORD, key: value}))
    with pytest.raises(RunError, match=rf"train\.safetensors {reason}$"):
        read_cached(run, "last")


def test_features_of_other_weights_are_refused(run: RunDir, training: Training) -> None:
    cache_features(run, "last", training.network, training.batches)
    with torch.no_grad():
        next(iter(training.network.parameters())).add_(1)
    save_weights(run.weights("last"), training.network, 1)
    with pytest.raises(RunError, match=r"train\.safetensors belongs to other stage-one weights$"):
        read_cached(run, "last")


def test_features_of_another_split_or_precision_are_refused(run: RunDir, training: Training) -> None:
    cache_features(run, "last", training.network, training.batches)
    with pytest.raises(RunError, match=r"train\.safetensors is stored at another precision$"):
        read_cached(run, "last", "float16")
    run.features("last", "test").write_bytes(run.features("last", "val").read_bytes())
    with pytest.raises(RunError, match=r"test\.safetensors belongs to another split$"):
        read_cached(run, "last")


def test_damaged_and_foreign_files_are_refused(run: RunDir, training: Training) -> None:
    cache_features(run, "last", training.network, training.batches)
    path = run.features("last", "test")
    original = path.read_bytes()
    for content in (b"", original[:50], original[:-1], b"not a file of tensors at all"):
        path.write_bytes(content)
        with pytest.raises(RunError, match=r"test\.safetensors is damaged "):
            read_cached(run, "last")


def test_views_are_the_features_of_augmented_images(run: RunDir, training: Training) -> None:
    views = cache_views(run, "last", training, 3, "float32")
    assert views.stored.shape == (30, 3, 6)
    order = training.batches.data.splits["train"]
    for view in range(3):
        ((images, _),) = training.batches.augmented(order, 30, training.augmentation, (0, -1, view))
        with torch.no_grad():
            expected = training.network.backbone.eval()(images)
        torch.testing.assert_close(views.stored[:, view], expected)
    assert not torch.equal(views.stored[:, 0], views.stored[:, 1])


def test_views_stay_the_same_when_more_are_asked_for(run: RunDir, training: Training) -> None:
    two = cache_views(run, "last", training, 2, "float32").stored.clone()
    three = cache_views(run, "last", training, 3, "float32")
    assert torch.equal(three.stored[:, :2], two)
    assert read_views(run, "last", 2, "float32").count == 2  # those that are there serve fewer
    with pytest.raises(RunError, match=r"holds 3 views of an image, and 4 are needed"):
        read_views(run, "last", 4, "float32")


def test_a_visit_takes_a_view_of_the_right_image(run: RunDir, training: Training) -> None:
    views = cache_views(run, "last", training, 3, "float16")
    indices = torch.tensor([4, 4, 29, 0, 7, 4])
    rows = views.draw(indices, 5, 0, 1)
    assert rows.dtype == torch.float32
    for row, image in zip(rows, indices, strict=True):
        assert any(torch.equal(row, view.float()) for view in views.stored[image])
    assert torch.equal(views.draw(indices, 5, 0, 1), rows)
    unlike = next(image for image in range(30) if len(views.stored[image].unique(dim=0)) == 3)
    many = torch.full((300,), unlike)
    drawn = views.draw(many, 5, 0, 2)
    assert len(drawn.unique(dim=0)) == 3
    assert not torch.equal(views.draw(many, 5, 0, 3), drawn)
    assert not torch.equal(views.draw(many, 6, 0, 2), drawn)
    fewer = dataclasses.replace(views, count=2).draw(many, 5, 0, 2)
    assert len(fewer.unique(dim=0)) == 2


def test_live_views_are_augmented_anew_and_fixed_by_the_seed(training: Training) -> None:
    live = LiveViews(training.network, training.batches, training.augmentation)
    indices = torch.tensor([3, 9, 3, 27])
    state = {name: value.clone() for name, value in training.network.state_dict().items()}
    rows = live.draw(indices, 0, 1, 2)
    assert torch.equal(live.draw(indices, 0, 1, 2), rows)
    assert not torch.equal(live.draw(indices, 0, 1, 3), rows)
    assert all(torch.equal(state[name], value) for name, value in training.network.state_dict().items())


def test_live_views_without_augmentation_are_the_clean_features(training: Training) -> None:
    live = LiveViews(training.network, training.batches, Augmentation(padding=0, hflip=False))
    clean = extract(training.network, training.batches, training.batches.data.splits["train"])
    indices = torch.tensor([29, 0, 0, 11])
    torch.testing.assert_close(live.draw(indices, 0, 4), clean.features[indices])
