import dataclasses

import numpy as np
import pytest
import torch

from decouple.datasets.data import ArrayPixels, Data
from stage1 import batches as module
from stage1.augment import Augmentation
from stage1.batches import Batches, channel_statistics, split_evenly
from stage1.normalization import Normalization

CPU = torch.device("cpu")


def _two_pixels() -> Data:
    """Two training images of one pixel; the test image between them must not count."""
    array = np.array([[0, 51, 0], [200, 200, 200], [255, 51, 102]], np.uint8).reshape(3, 1, 1, 3)
    return Data(
        pixels=ArrayPixels(array),
        labels=np.array([0, 1, 1]),
        class_names=("a", "b"),
        splits={"train": np.array([0, 2]), "test": np.array([1])},
        group_counts=np.array([1, 1]),
        flippable=False,
        fingerprint="",
    )


def test_statistics_by_hand() -> None:
    # Red 0 and 255: mean 1/2, deviation 1/2. Green 51 twice: mean 1/5, deviation 0, for which 0.001 stands.
    # Blue 0 and 102: mean 1/5, deviation 1/5.
    statistics = channel_statistics(_two_pixels())
    assert statistics.mean == pytest.approx((0.5, 0.2, 0.2))
    assert statistics.std == pytest.approx((0.5, 1e-3, 0.2))


def test_statistics_read_in_parts_are_those_of_the_whole(tiny_data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STATISTICS_CHUNK", 7)
    array = tiny_data.pixels.read(np.arange(30)) / 255
    assert channel_statistics(tiny_data).mean == pytest.approx(array.mean(axis=(0, 1, 2)))
    assert channel_statistics(tiny_data).std == pytest.approx(array.std(axis=(0, 1, 2)))


def test_statistics_of_many_images_are_taken_over_evenly_spread_ones(
    tiny_data: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_STATISTICS_IMAGES", 3)
    # Of images 0 to 29 three evenly spread ones: 0, 14 (14.5 rounded down), 29.
    assert channel_statistics(tiny_data).mean == pytest.approx(
        tiny_data.pixels.read(np.array([0, 14, 29])).mean((0, 1, 2)) / 255
    )


def test_images_are_normalized_and_in_order() -> None:
    batches = Batches(_two_pixels(), Normalization((0.5, 0.2, 0.2), (0.5, 0.1, 0.2)), CPU).clean(np.array([2, 0]), 2)
    ((images, labels),) = list(batches)
    # Image 2: (255 - 127.5) / 127.5, (51 - 51) / 25.5, (102 - 51) / 51; image 0: -1, 0, -1.
    torch.testing.assert_close(images, torch.tensor([[1.0, 0, 1], [-1, 0, -1]]).view(2, 3, 1, 1), atol=1e-5, rtol=0)
    assert images.dtype == torch.float32
    assert labels.tolist() == [1, 0]


def test_height_and_width_are_not_exchanged_and_channels_stay_last_in_memory() -> None:
    array = np.arange(2 * 2 * 3 * 3, dtype=np.uint8).reshape(2, 2, 3, 3)  # (N, height 2, width 3, channels)
    data = dataclasses.replace(_two_pixels(), pixels=ArrayPixels(array))
    ((images, _),) = Batches(data, Normalization((0.0,) * 3, (1 / 255,) * 3), CPU).clean(np.array([0, 1]), 2)
    assert images.shape == (2, 3, 2, 3)
    assert images[1, 2, 1, 0].item() == pytest.approx(array[1, 1, 0, 2])
    assert images.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize(
    ("count", "size", "lengths"),
    [(10, 4, [4, 3, 3]), (9, 8, [5, 4]), (8, 8, [8]), (1, 8, [1]), (129, 64, [43, 43, 43]), (3, 1, [1, 1, 1])],
)
def test_batches_differ_by_one_image_at_most(count: int, size: int, lengths: list[int]) -> None:
    parts = split_evenly(np.arange(count), size)
    assert [len(part) for part in parts] == lengths
    assert np.concatenate(parts).tolist() == list(range(count))


def test_an_augmented_batch_does_not_depend_on_where_reading_began(tiny_data: Data) -> None:
    batches = Batches(tiny_data, channel_statistics(tiny_data), CPU)
    order = tiny_data.splits["train"][::-1].copy()
    arguments = (order, 8, Augmentation(padding=2, hflip=True))
    everything = list(batches.augmented(*arguments, (0, 1)))
    rest = list(batches.augmented(*arguments, (0, 1), start=2))
    assert [len(labels) for _, labels in everything] == [8, 8, 7, 7]
    assert torch.cat([labels for _, labels in everything]).tolist() == tiny_data.labels[order].tolist()
    for (images, labels), (again, labels_again) in zip(everything[2:], rest, strict=True):
        assert torch.equal(images, again)
        assert torch.equal(labels, labels_again)


def test_seeds_epochs_and_batches_are_augmented_differently(tiny_data: Data) -> None:
    batches, augmentation = Batches(tiny_data, channel_statistics(tiny_data), CPU), Augmentation(padding=2, hflip=True)
    same_image = np.zeros(16, dtype=np.int64)
    drawn = [
        images
        for stream in ((0, 0), (0, 1), (1, 0))
        for images, _ in batches.augmented(same_image, 8, augmentation, stream)
    ]
    assert len(drawn) == 6
    assert all(not torch.equal(drawn[i], drawn[j]) for i in range(6) for j in range(i))


def test_no_augmentation_gives_the_clean_images(tiny_data: Data) -> None:
    batches, order = Batches(tiny_data, channel_statistics(tiny_data), CPU), tiny_data.splits["train"]
    ((augmented, _),) = batches.augmented(order, 30, Augmentation(padding=0, hflip=False), (0, 0))
    ((clean, _),) = batches.clean(order, 30)
    assert torch.equal(augmented, clean)
