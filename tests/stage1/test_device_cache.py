import dataclasses

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps
from torchvision.transforms import functional

from decouple.datasets.data import ArrayPixels, Data, Pixels
from decouple.errors import ConfigError
from decouple.seeding import make_rng
from stage1 import device_cache as module
from stage1.augment import NO_AUGMENTATION, Augmentation, CropFlipParams
from stage1.batches import Batches, channel_statistics
from stage1.device_cache import choose_device_cache, make_device_cache
from stage1.normalization import Normalization

CPU = torch.device("cpu")
MOVING = Augmentation(padding=1, hflip=True)


def test_crops_by_hand() -> None:
    # An image of one row, (1 2 3), as red values; with a frame of black it is
    #     0 0 0 0 0
    #     0 1 2 3 0
    #     0 0 0 0 0
    pixels = np.zeros((2, 1, 3, 3), dtype=np.uint8)
    pixels[1, 0, :, 0] = [1, 2, 3]
    data = Data(ArrayPixels(pixels), np.array([0, 1]), ("a", "b"), {"train": np.array([1])}, np.array([0, 1]), True, "")
    params = CropFlipParams(
        top=np.array([1, 1, 1, 0, 1]),
        left=np.array([1, 0, 2, 1, 0]),
        flipped=np.array([False, False, False, False, True]),
    )
    crops = make_device_cache(data, data.splits["train"], MOVING, CPU).crops(np.ones(5, dtype=np.int64), params)
    assert crops.shape == (5, 1, 9)
    red = crops.view(5, 1, 3, 3)[:, 0, :, 0].tolist()
    assert red == [[1, 2, 3], [0, 1, 2], [2, 3, 0], [0, 0, 0], [2, 1, 0]]  # the last: (0 1 2) mirrored


def test_an_image_that_is_not_cached_is_no_other_image(tiny_data: Data) -> None:
    cache = make_device_cache(tiny_data, np.array([3, 5]), NO_AUGMENTATION, CPU)
    still = CropFlipParams(np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64), np.zeros(1, dtype=bool))
    assert torch.equal(cache.crops(np.array([5]), still).view(8, 8, 3), torch.from_numpy(tiny_data.pixels.read([5])[0]))
    with pytest.raises(IndexError, match="image 4 is not in the device cache"):
        cache.crops(np.array([4]), still)


@pytest.mark.parametrize("augmentation", [NO_AUGMENTATION, MOVING, Augmentation(3, False), Augmentation(0, True)])
def test_cached_batches_are_those_of_images_read_from_the_data_set(tiny_data: Data, augmentation: Augmentation) -> None:
    scale, order = channel_statistics(tiny_data), tiny_data.splits["train"][::-1].copy()
    cached, uncached = (Batches(tiny_data, scale, CPU, device_cache) for device_cache in (True, False))
    for stream in ((0, 0), (0, 1)):
        both = (batches.augmented(order, 7, augmentation, stream) for batches in (cached, uncached))
        for (images, labels), (expected, expected_labels) in zip(*both, strict=True):
            assert torch.equal(images, expected)
            assert torch.equal(labels, expected_labels)


def test_a_batch_equals_the_transforms_of_torchvision_image_by_image(tiny_data: Data) -> None:
    scale, indices = Normalization((0.4, 0.5, 0.6), (0.2, 0.25, 0.3)), np.arange(30)
    batches = Batches(tiny_data, scale, CPU, device_cache=True)
    ((images, _),) = batches.augmented(indices, 30, Augmentation(2, True), (0, 4))
    draws = make_rng(0, "augmentation", 4, 0)
    (tops, lefts), flipped = draws.integers(0, 5, size=(2, 30)), draws.random(30) < 0.5
    for number, image in enumerate(tiny_data.pixels.read(indices)):
        padded = ImageOps.expand(Image.fromarray(image), border=2, fill=0)
        left, top = int(lefts[number]), int(tops[number])
        cropped = padded.crop((left, top, left + 8, top + 8))
        expected = functional.to_tensor(ImageOps.mirror(cropped) if flipped[number] else cropped)
        expected = functional.normalize(expected, list(scale.mean), list(scale.std))
        torch.testing.assert_close(images[number], expected, atol=1e-6, rtol=0)


def test_what_is_resident_by_itself(tiny_data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    needed = 30 * 2 * 10 * 10 * 3  # images, orientations, rows and columns with the frame, channels
    monkeypatch.setattr(module, "MAX_CPU_BYTES", needed)
    assert choose_device_cache("auto", tiny_data, 30, MOVING, CPU)
    assert not choose_device_cache("no", tiny_data, 30, MOVING, CPU)
    monkeypatch.setattr(module, "MAX_CPU_BYTES", needed - 1)
    assert not choose_device_cache("auto", tiny_data, 30, MOVING, CPU)
    assert choose_device_cache("auto", tiny_data, 30, NO_AUGMENTATION, CPU)
    assert choose_device_cache("yes", tiny_data, 30, MOVING, CPU)


class _OnDisk:
    """Images that are not in memory."""

    def __init__(self, pixels: Pixels) -> None:
        self.pixels = pixels

    def __len__(self) -> int:
        return len(self.pixels)

    def read(self, indices: np.ndarray) -> np.ndarray:
        return self.pixels.read(indices)


def test_images_in_files_stay_there_unless_asked_for(tiny_data: Data) -> None:
    data = dataclasses.replace(tiny_data, pixels=_OnDisk(tiny_data.pixels))
    assert not choose_device_cache("auto", data, 30, MOVING, CPU)
    assert choose_device_cache("yes", data, 30, MOVING, CPU)


def test_too_many_for_a_gpu(tiny_data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (10_000, 20_000))
    with pytest.raises(ConfigError, match=r"resident=yes needs 0\.0 GB on the GPU"):
        choose_device_cache("yes", tiny_data, 30, MOVING, torch.device("cuda"))
    assert not choose_device_cache("auto", tiny_data, 30, MOVING, torch.device("cuda"))
