import math
from typing import Any

import numpy as np
import pytest
import torch
from scipy.stats import chisquare
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset

from decouple.class_counts import longtail_counts
from decouple.errors import ConfigError, DataError
from samplers import SAMPLERS, class_probabilities
from samplers.class_first import ClassFirstSampler

COUNTS = longtail_counts("exp", 10, 500, 100)
LABELS = torch.from_numpy(np.random.default_rng(0).permutation(np.repeat(np.arange(10), COUNTS)))


@pytest.mark.parametrize(
    "name", [name for name in SAMPLERS if name != "undersample"]
)  # which has not as many images; below
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


@pytest.mark.parametrize("name", ["instance", "class", "oversample", "undersample", "deferred"])
@pytest.mark.parametrize("num_replicas", [1, 2, 3, 7, 16])
@pytest.mark.parametrize("num_draws", [48, 49, 3])
def test_ranks_share_the_draw_of_one_process(name: str, num_draws: int, num_replicas: int) -> None:
    complete = SAMPLERS[name](LABELS, num_draws=num_draws, seed=3).draw()
    parts = [
        SAMPLERS[name](LABELS, num_draws=num_draws, seed=3, num_replicas=num_replicas, rank=rank)
        for rank in range(num_replicas)
    ]
    lengths = {len(part) for part in parts} | {len(part.draw()) for part in parts}
    assert lengths == {-(-num_draws // num_replicas)}
    dealt = torch.stack([part.draw() for part in parts], dim=1).flatten()  # rank 0, rank 1, ..., rank 0, ...
    assert torch.equal(dealt[:num_draws], complete)
    assert torch.equal(dealt[num_draws:], complete.repeat(6)[: len(dealt) - num_draws])  # filled up from the start


@pytest.mark.parametrize("labels", [[1, 0, 0, 0], [0, 1], [2, 0, 1, 2, 0, 2, 2], [0], list(range(50)), LABELS])
@pytest.mark.parametrize("num_replicas", [1, 3])
@pytest.mark.parametrize("name", SAMPLERS)
def test_few_classes_single_images_and_any_order(name: str, num_replicas: int, labels: list[int] | Tensor) -> None:
    for rank in range(num_replicas):
        sampler = SAMPLERS[name](labels, seed=1, epochs=2, num_replicas=num_replicas, rank=rank)
        for epoch in (0, 1, 2):
            sampler.set_epoch(epoch)
            drawn = sampler.draw()
            assert drawn.dtype == torch.int64
            assert len(drawn) == len(sampler) == -(-sampler.num_draws // num_replicas)
            assert drawn.min() >= 0
            assert drawn.max() < len(labels)


@pytest.mark.parametrize("num_draws", [1, 9, 10, 1000, 1005, None])
def test_class_without_replacement_differs_by_one_at_most(num_draws: int | None) -> None:
    sampler = SAMPLERS["class"](LABELS, num_draws=num_draws, replacement=False)
    drawn = sampler.draw().numpy()
    assert len(drawn) == (num_draws or len(LABELS))
    assert np.ptp(np.bincount(LABELS[drawn], minlength=10)) <= 1
    displayed = np.bincount(drawn, minlength=len(LABELS))
    for label in range(10):
        assert np.ptp(displayed[LABELS.numpy() == label]) <= 1


def test_oversample_by_hand() -> None:
    # Counts 3 and 2: an epoch of 2 * 3 draws. Class 0 shows each image once, class 1 one image twice, the other once.
    drawn = SAMPLERS["oversample"]([0, 1, 0, 1, 0]).draw().tolist()
    assert len(drawn) == 6
    assert [drawn.count(image) for image in (0, 2, 4)] == [1, 1, 1]
    assert sorted([drawn.count(1), drawn.count(3)]) == [1, 2]


def test_oversample_shows_an_image_as_often_as_its_class_is_small() -> None:
    sampler = SAMPLERS["oversample"](LABELS)
    assert len(sampler) == 10 * 500
    displayed = np.bincount(sampler.draw(), minlength=len(LABELS))
    for label, count in enumerate(COUNTS):
        own = displayed[LABELS.numpy() == label]
        assert own.sum() == 500
        assert set(own) <= {500 // count, -(-500 // count)}


def test_undersample_by_hand() -> None:
    # Counts 3 and 2: an epoch of 2 * 2 draws, two images of each class.
    drawn = SAMPLERS["undersample"]([0, 1, 0, 1, 0]).draw().tolist()
    assert len(set(drawn)) == len(drawn) == 4
    assert {1, 3} < set(drawn)


def test_undersample_repeats_no_image_and_shows_others_next_epoch() -> None:
    sampler = SAMPLERS["undersample"](LABELS)
    observed: set[int] = set()
    for epoch in range(20):
        sampler.set_epoch(epoch)
        drawn = sampler.draw()
        assert len(drawn.unique()) == len(drawn) == 10 * 5
        assert LABELS[drawn].bincount().tolist() == [5] * 10
        observed |= set(drawn.tolist())
    # 20 epochs of 5 from the 500 images of class 0 show 500 * (1 - 0.99^20) = 91 on average.
    assert 75 < len({image for image in observed if LABELS[image] == 0}) <= 100


def test_undersample_that_would_repeat_is_refused() -> None:
    assert len(SAMPLERS["undersample"](LABELS, num_draws=50)) == 50
    for name, options in (("undersample", {}), ("deferred", {"then": "undersample"})):
        with pytest.raises(ConfigError, match=r"has 50 draws at most, 10 times the 5 of .* repeat images in the 51"):
            SAMPLERS[name](LABELS, num_draws=51, **options)


def test_oversample_of_more_than_memory_holds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("samplers.class_first._MAX_EPOCH_DRAWS", 4999)
    with pytest.raises(ConfigError, match=r"would have 5000 draws here, 10 classes times 500"):
        SAMPLERS["oversample"](LABELS)
    assert len(SAMPLERS["oversample"](LABELS, num_draws=5000)) == 5000


@pytest.mark.parametrize(
    ("epochs", "start", "first"),
    [(10, 0.8, 8), (10, 0.7, 7), (200, 0.8, 160), (5, 0.5, 3), (3, 2 / 3, 2), (1, 0.8, 1), (4, 0.0, 0), (4, 1.0, 4)],
)
def test_deferred_switches_at_its_start(epochs: int, start: float, first: int) -> None:
    # `first` is the first epoch, counted from 0, of which start * epochs are done.
    sampler = SAMPLERS["deferred"](LABELS, seed=3, epochs=epochs, start=start)
    before, after = (SAMPLERS[name](LABELS, seed=3, epochs=epochs) for name in ("instance", "class"))
    for epoch in {0, max(first - 1, 0), first, epochs}:
        for entry in (sampler, before, after):
            entry.set_epoch(epoch)
        assert torch.equal(sampler.draw(), (before if epoch < first else after).draw())


@pytest.mark.parametrize(
    ("then", "options"),
    [
        ("power", {"q": 0.3}),
        ("class", {"replacement": False}),
        ("progressive", {}),
        ("oversample", {}),
        ("undersample", {}),
        ("hybrid", {"target": 3}),
        ("instance", {}),
    ],
)
def test_deferred_passes_on_options_and_keeps_its_length(then: str, options: dict[str, float]) -> None:
    settings = {"num_draws": 40, "seed": 1, "epochs": 4}
    sampler = SAMPLERS["deferred"](LABELS, then=then, **settings, **options)
    plain = SAMPLERS[then](LABELS, **settings, **options)
    for epoch in (0, 4):  # the length holds from the first epoch on
        sampler.set_epoch(epoch)
        assert len(sampler.draw()) == 40
    plain.set_epoch(4)
    assert torch.equal(sampler.draw(), plain.draw())


def test_deferred_has_an_epoch_of_all_images_whatever_comes_then() -> None:
    assert len(SAMPLERS["deferred"](LABELS, then="oversample")) == len(LABELS)


def test_instance_shows_every_image_once() -> None:
    sampler = SAMPLERS["instance"](LABELS)
    assert torch.equal(sampler.draw().sort().values, torch.arange(len(LABELS)))


def test_progressive_follows_the_epoch_and_stays_at_class_past_the_last() -> None:
    sampler = SAMPLERS["progressive"](LABELS, epochs=4)
    for epoch, progress in ((0, 0.0), (1, 0.25), (4, 1.0), (9, 1.0)):
        sampler.set_epoch(epoch)
        np.testing.assert_array_equal(sampler.probabilities, class_probabilities("progressive", COUNTS, progress))


def test_iteration_yields_the_draw_as_python_ints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("samplers.class_first._INT_CHUNK", 100)
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


@pytest.mark.parametrize("name", SAMPLERS)
@pytest.mark.parametrize(
    "labels",
    [
        [], [[0, 1]], [0.0, 1.0], [0, -1], [True, False], [[0], [1, 2]], ["cat", "dog"], None, 3,
        torch.tensor([0.0, math.nan]), torch.zeros(2, 2, dtype=torch.int64), torch.zeros(0, dtype=torch.int64),
    ],
)  # fmt: skip
def test_bad_labels_are_refused(name: str, labels: Any) -> None:
    with pytest.raises(DataError, match="labels must be"):
        SAMPLERS[name](labels)


def test_a_gap_in_the_labels_is_refused_except_by_instance() -> None:
    with pytest.raises(DataError, match=r"classes \[1\] of 3"):
        SAMPLERS["class"]([0, 2, 2])
    assert sorted(SAMPLERS["instance"]([0, 2, 2])) == [0, 1, 2]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"num_replicas": 2, "rank": 2}, "rank must be between 0 and 1, got 2"),
        ({"betta": 0.9}, "unknown option 'betta'"),
        ({"beta": "high"}, "option 'beta' of sampler 'effective' must be a number, got 'high'"),
    ],
)
def test_bad_settings_are_refused(settings: dict[str, int | float | str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        SAMPLERS["effective"](LABELS, **settings)


@pytest.mark.parametrize("name", SAMPLERS)
@pytest.mark.parametrize("setting", ["num_draws", "epochs", "num_replicas", "seed", "rank"])
@pytest.mark.parametrize("value", [math.nan, 1.5, "2", True, -math.inf])
def test_what_is_no_whole_number_is_refused(name: str, setting: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=f"^{setting} must be"):
        SAMPLERS[name](LABELS, **{setting: value})


@pytest.mark.parametrize(("setting", "value"), [("num_draws", 0), ("epochs", 0), ("num_replicas", 0), ("rank", -1)])
def test_whole_numbers_below_the_least_are_refused(setting: str, value: int) -> None:
    with pytest.raises(ConfigError, match=f"^{setting} must be"):
        SAMPLERS["class"](LABELS, **{setting: value})


@pytest.mark.parametrize("epoch", [-1, 0.5, math.nan, None])
def test_what_is_no_epoch_is_refused(epoch: Any) -> None:
    with pytest.raises(ConfigError, match=r"epoch must be (0 or more|a whole number, 0 or more)"):
        SAMPLERS["class"](LABELS).set_epoch(epoch)


def test_an_epoch_of_the_inaturalist_2018_size_is_balanced() -> None:
    # 437,513 draws are seven chunks, and 8,142 classes share the cells of the guide table.
    counts = longtail_counts("pareto", 8142, 1000, 500)
    labels = np.repeat(np.arange(8142), counts)
    drawn = SAMPLERS["class"](labels, num_draws=437_513).draw().numpy()
    assert chisquare(np.bincount(labels[drawn], minlength=8142)).pvalue > 0.01
    drawn = SAMPLERS["class"](labels, num_draws=437_513, replacement=False).draw().numpy()
    assert set(np.bincount(labels[drawn])) == {53, 54}  # 437,513 / 8,142 is 53.7
