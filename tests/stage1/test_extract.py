import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from decouple.errors import RunError
from decouple.features import Features
from decouple.run_dir import RunDir
from decouple.tensor_files import write_tensors
from stage1.checkpoint import save_weights
from stage1.extract import cache_features, extract, read_cached, weights_fingerprint
from stage1.trainer import Training, train_epoch

FACTS = {
    "fingerprint": "of the images",
    "mean": [0.5, 0.5, 0.5],
    "std": [0.2, 0.2, 0.2],
    "image_size": 8,
    "images": {"train": 30, "val": 9, "test": 9},
}


@pytest.fixture
def training(small_backbone: None, make_tiny: Callable[..., Training]) -> Training:
    """A training whose batch norm has seen an epoch, so that its two modes differ."""
    made = make_tiny()
    train_epoch(made, lambda *_: None, lambda: False)
    return made


@pytest.fixture
def run(tmp_path: Path, training: Training) -> RunDir:
    made = RunDir(tmp_path)
    made.data.write_text(json.dumps(FACTS))
    save_weights(made.weights("last"), training.network, {"epoch": 1})
    return made


def test_features_are_those_of_a_forward_pass_in_evaluation_mode(training: Training) -> None:
    order = np.array([47, 0, 33, 12])
    training.network.train()
    found = extract(training.network, training.batches, order)
    ((images, _),) = training.batches.clean(order, 4)
    with torch.no_grad():
        assert torch.equal(found.features, training.network.backbone.eval()(images))
        assert not torch.equal(found.features, training.network.backbone.train()(images))
    assert found.labels.tolist() == training.batches.data.labels[order].tolist()
    assert found.features.dtype == torch.float32
    assert not found.features.requires_grad


def test_many_images_are_taken_in_batches(training: Training, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = extract(training.network, training.batches, np.arange(48))
    monkeypatch.setattr("stage1.extract.EVALUATION_BATCH", 7)
    parts = extract(training.network, training.batches, np.arange(48))
    torch.testing.assert_close(parts.features, whole.features)
    assert torch.equal(parts.labels, whole.labels)


def _equal(first: Features, second: Features) -> bool:
    return torch.equal(first.features, second.features) and torch.equal(first.labels, second.labels)


def test_the_cache_gives_back_what_was_computed(run: RunDir, training: Training) -> None:
    assert read_cached(run, "last") is None
    made = cache_features(run, "last", training.network, training.batches)
    found = read_cached(run, "last")
    assert found is not None
    assert set(found) == set(made) == {"train", "val", "test"}
    assert all(_equal(found[split], made[split]) for split in made)
    direct = extract(training.network, training.batches, training.batches.data.splits["test"])
    assert _equal(found["test"], direct)


def test_a_cache_that_lacks_a_split_is_none(run: RunDir, training: Training) -> None:
    cache_features(run, "last", training.network, training.batches)
    run.features("last", "val").unlink()
    assert read_cached(run, "last") is None


@pytest.mark.parametrize(
    ("key", "value"),
    [("fingerprint", "of other images"), ("mean", [0.5, 0.5, 0.4]), ("std", [0.2, 0.2, 0.1]), ("image_size", 16)],
)
def test_the_fingerprint_changes_with_data_and_preprocessing(run: RunDir, key: str, value: object) -> None:
    before = weights_fingerprint(run, "last")
    assert weights_fingerprint(run, "last") == before
    run.data.write_text(json.dumps({**FACTS, key: value}))
    assert weights_fingerprint(run, "last") != before


def test_the_fingerprint_changes_with_a_single_weight(run: RunDir, training: Training) -> None:
    before = weights_fingerprint(run, "last")
    with torch.no_grad():
        next(iter(training.network.parameters()))[0, 0, 0, 0] += 1e-3
    save_weights(run.weights("last"), training.network, {"epoch": 1})
    assert weights_fingerprint(run, "last") != before


def test_features_of_other_weights_are_refused(run: RunDir, training: Training) -> None:
    cache_features(run, "last", training.network, training.batches)
    with torch.no_grad():
        next(iter(training.network.parameters())).add_(1)
    save_weights(run.weights("last"), training.network, {"epoch": 1})
    with pytest.raises(RunError, match=r"do not belong to the weights and data of this run; add --refresh-features"):
        read_cached(run, "last")


def test_features_of_another_split_are_refused(run: RunDir, training: Training) -> None:
    cache_features(run, "last", training.network, training.batches)
    run.features("last", "val").replace(run.features("last", "test"))
    run.features("last", "val").write_bytes(run.features("last", "test").read_bytes())
    with pytest.raises(RunError, match=r"test\.safetensors do not belong .*--refresh-features"):
        read_cached(run, "last")


def test_damaged_and_foreign_files_are_refused(run: RunDir, training: Training) -> None:
    cache_features(run, "last", training.network, training.batches)
    path = run.features("last", "test")
    whole = path.read_bytes()
    for content in (b"", whole[:50], whole[:-1], b"not a file of tensors at all"):
        path.write_bytes(content)
        with pytest.raises(RunError, match=r"test\.safetensors is damaged .*--refresh-features"):
            read_cached(run, "last")
    write_tensors(path, {"labels": torch.zeros(9)}, {})
    with pytest.raises(RunError, match=r"test\.safetensors holds no 'features'; add --refresh-features"):
        read_cached(run, "last")
