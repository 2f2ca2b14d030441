import numpy as np
import torch
from torch.utils.data import DataLoader

from decouple.datasets.data import Data
from stage1.augment import Augmentation
from stage1.batches import Batches, channel_statistics
from stage1.dataset import ImageDataset


def _images(data: Data, **settings: Augmentation) -> ImageDataset:
    return ImageDataset(
        Batches(data, channel_statistics(data), torch.device("cpu"), True), data.splits["train"], **settings
    )


def test_a_loader_gives_the_batches_of_the_split(tiny_data: Data) -> None:
    images = _images(tiny_data)
    batches = list(DataLoader(images, batch_size=8, collate_fn=tuple))
    assert [len(labels) for _, labels in batches] == [8, 8, 8, 6]
    ((expected, labels),) = images.batches.clean(tiny_data.splits["train"], 30)
    assert torch.equal(torch.cat([batch for batch, _ in batches]), expected)
    assert torch.equal(torch.cat([batch for _, batch in batches]), labels)
    image, label = images[29]
    assert torch.equal(image, expected[29])
    assert label == tiny_data.labels[29]
    assert len(images) == 30


def test_crops_come_from_torchs_generator(tiny_data: Data) -> None:
    images = _images(tiny_data, augmentation=Augmentation(2, True))

    def draw(seed: int) -> torch.Tensor:
        torch.manual_seed(seed)
        return torch.cat([batch for batch, _ in DataLoader(images, batch_size=30, collate_fn=tuple)])

    first, again, other = draw(1), draw(1), draw(2)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_workers_draw_differently(tiny_data: Data) -> None:
    data = tiny_data
    images = ImageDataset(
        Batches(data, channel_statistics(data), torch.device("cpu")),
        np.zeros(20, dtype=np.int64),
        Augmentation(3, True),
    )
    torch.manual_seed(0)
    first, second = [batch for batch, _ in DataLoader(images, batch_size=10, num_workers=2, collate_fn=tuple)]
    assert not torch.equal(first, second)
