import numpy as np
import pytest
import torch
from scipy.stats import chisquare
from torch.utils.data import DataLoader, TensorDataset

from decouple.class_counts import longtail_counts
from decouple.errors import ConfigError, DataError
from samplers import SAMPLERS, class_probabilities
from samplers.class_first import ClassFirstSampler

COUNTS = longtail_counts("exp", 10, 500, 100)
LABELS = torch.from_numpy(np.random.default_rng(0).permutation(np.repeat(np.arange(10), COUNTS)))


@pytest.mark.parametrize("name", SAMPLERS)
def test_classes_come_as_often_as_the_formula_says(name: str) -> None:
    sampler = SAMPLERS[name](LABELS, num_draws=100 * len(LABELS), epochs=4)
    sampler.set_epoch(2)  # half way, for "progressive"
    drawn = torch.bincount(LABELS[sampler.draw()], minlength=10).numpy()
    expected = class_probabilities(name, COUNTS, progress=0.5) * sampler.num_draws
    assert chisquare(drawn, expected).pvalue > 0.01


@pytest.mark.parametrize("name", SAMPLERS)
def test_same_seed_same_draw_next_epoch_another(name: str) -> None:
    sampler, twin, other = (SAMPLERS[name](LABELS, seed=seed, epochs=3) for seed in (0, 0, 1))
    first = sampler.draw()
    assert torch.equal(first, twin.draw())
    assert torch.equal(first, sampler.draw())  # drawing does not move the generator
    assert not torch.equal(first, other.draw())
    sampler.set_epoch(1)
    assert not torch.equal(first, sampler.draw())
    sampler.set_epoch(0)
    assert torch.equal(first, sampler.draw())


@pytest.mark.parametrize("name", ["instance", "class"])
@pytest.mark.parametrize(("num_draws", "num_replicas"), [(1000, 4), (1001, 4), (3, 5)])
def test_ranks_share_the_draw_of_one_process(name: str, num_draws: int, num_replicas: int) -> None:
    whole = SAMPLERS[name](LABELS, num_draws=num_draws, seed=3).draw()
    parts = [
        SAMPLERS[name](LABELS, num_draws=num_draws, seed=3, num_replicas=num_replicas, rank=rank)
        for rank in range(num_replicas)
    ]
    lengths = {len(part) for part in parts} | {len(part.draw()) for part in parts}
    assert lengths == {-(-num_draws // num_replicas)}
    dealt = torch.stack([part.draw() for part in parts], dim=1).flatten()  # rank 0, rank 1, ..., rank 0, ...
    assert torch.equal(dealt[:num_draws], whole)
    assert torch.equal(dealt[num_draws:], whole.repeat(2)[: len(dealt) - num_draws])  # filled up from the start


def test_instance_shows_every_image_once() -> None:
    sampler = SAMPLERS["instance"](LABELS)
    assert torch.equal(sampler.draw().sort().values, torch.arange(len(LABELS)))


def test_progressive_follows_the_epoch_and_stays_at_class_past_the_last() -> None:
    sampler = SAMPLERS["progressive"](LABELS, epochs=4)
    for epoch, progress in ((0, 0.0), (1, 0.25), (4, 1.0), (9, 1.0)):
        sampler.set_epoch(epoch)
        np.testing.assert_array_equal(sampler.probabilities, class_probabilities("progressive", COUNTS, progress))


def test_iteration_yields_the_draw_as_python_ints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("samplers.class_first._INTS_AT_ONCE", 100)
    sampler = SAMPLERS["class"](LABELS)
    indices = list(sampler)
    assert indices == sampler.draw().tolist()
    assert len(indices) == len(sampler) == len(LABELS)
    assert type(indices[0]) is int


def test_it_feeds_a_data_loader() -> None:
    dataset = TensorDataset(torch.arange(len(LABELS)), LABELS)
    sampler = SAMPLERS["class"](LABELS, num_draws=64)
    batches = [images for images, _ in DataLoader(dataset, batch_size=32, sampler=sampler)]
    assert torch.equal(torch.cat(batches), sampler.draw())


def test_options_reach_the_formula() -> None:
    sampler = SAMPLERS["power"](LABELS, q=2)
    np.testing.assert_array_equal(sampler.probabilities, class_probabilities("power", COUNTS, q=2))


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int32, torch.int64])
def test_labels_of_any_width_as_tensor_array_or_list(dtype: torch.dtype) -> None:
    expected = SAMPLERS["class"](LABELS).draw()
    assert torch.equal(SAMPLERS["class"](LABELS.to(dtype)).draw(), expected)
    assert torch.equal(SAMPLERS["class"](LABELS.numpy()).draw(), expected)
    assert torch.equal(ClassFirstSampler(LABELS.tolist()).draw(), expected)


@pytest.mark.parametrize("labels", [[], [[0, 1]], [0.0, 1.0], [0, -1], [True, False]])
def test_bad_labels_are_refused(labels: list[int]) -> None:
    with pytest.raises(DataError, match="labels must be"):
        ClassFirstSampler(labels)


def test_a_gap_in_the_labels_is_refused_except_by_instance() -> None:
    with pytest.raises(DataError, match=r"classes \[1\] of 3"):
        SAMPLERS["class"]([0, 2, 2])
    assert sorted(SAMPLERS["instance"]([0, 2, 2])) == [0, 1, 2]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"num_draws": 0}, "num_draws and epochs must be 1 or more"),
        ({"epochs": 0}, "num_draws and epochs must be 1 or more"),
        ({"num_replicas": 2, "rank": 2}, "rank must be in"),
        ({"num_replicas": 0}, "rank must be in"),
        ({"betta": 0.9}, "unknown option 'betta'"),
    ],
)
def test_bad_settings_are_refused(settings: dict[str, int], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        SAMPLERS["effective"](LABELS, **settings)


def test_a_negative_epoch_is_refused() -> None:
    with pytest.raises(ConfigError, match="epoch must be 0 or more"):
        SAMPLERS["class"](LABELS).set_epoch(-1)


def test_an_epoch_of_the_inaturalist_2018_size_is_balanced() -> None:
    # 437,513 draws are seven chunks, and 8,142 classes share the cells of the guide table.
    counts = longtail_counts("pareto", 8142, 1000, 500)
    labels = np.repeat(np.arange(8142), counts)
    drawn = SAMPLERS["class"](labels, num_draws=437_513).draw().numpy()
    assert chisquare(np.bincount(labels[drawn], minlength=8142)).pvalue > 0.01
