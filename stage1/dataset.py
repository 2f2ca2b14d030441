"""The batches of a data set for torch's DataLoader, which reads a whole batch in one call."""

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from decouple.datasets.data import Indices
from stage1.augment import NO_AUGMENTATION, Augmentation
from stage1.batches import Batches


class ImageDataset(Dataset[tuple[Tensor, Tensor]]):
    """A split of a data set for other training loops: ``DataLoader(images, 128, collate_fn=tuple)``.

    Crops and flips are drawn from torch's generator, so `torch.manual_seed` fixes them and the workers of a loader
    differ.

    Args:
        batches: the data set and the device of its batches; with workers, the CPU.
        indices: the images of the split, (N,).
        augmentation: crops and flips; default: none.
    """

    def __init__(self, batches: Batches, indices: Indices, augmentation: Augmentation = NO_AUGMENTATION) -> None:
        self.batches, self.indices, self.augmentation = batches, indices, augmentation

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, number: int) -> tuple[Tensor, Tensor]:
        """Return an image (3, H, W) float32 and its label ()."""
        images, labels = self.__getitems__([number])
        return images[0], labels[0]

    def __getitems__(self, numbers: list[int]) -> tuple[Tensor, Tensor]:
        """Return images (B, 3, H, W) float32 and labels (B,)."""
        indices = self.indices[np.asarray(numbers)]
        seed = int(torch.randint(2**62, ()))
        ((images, labels),) = self.batches.augmented(indices, len(indices), self.augmentation, (seed,))
        return images, labels
