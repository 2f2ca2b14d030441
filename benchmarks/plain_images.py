"""The usual data path, as in public code: one PIL image at a time, torchvision's transforms, torch's DataLoader."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler
from torchvision import transforms

from decouple.datasets.data import Indices
from stage1.augment import NO_AUGMENTATION, Augmentation
from stage1.batches import BatchSource
from stage1.normalization import Normalization

Loader = DataLoader[tuple[Tensor, Tensor]]


class PlainImages(Dataset[tuple[Tensor, int]]):
    """Images (N, H, W, 3) uint8 in memory, converted to PIL images and transformed one by one."""

    def __init__(self, pixels: NDArray[np.uint8], labels: NDArray[np.int64], transform: Any) -> None:
        self.pixels, self.labels, self.transform = pixels, labels, transform

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.transform(Image.fromarray(self.pixels[index])), int(self.labels[index])


def plain_transform(augmentation: Augmentation, side: int, scale: Normalization) -> Any:
    """Return crop, flip, tensor and normalization, for images of `side` pixels."""
    steps: list[Any] = [transforms.ToTensor(), transforms.Normalize(scale.mean, scale.std)]
    if augmentation.hflip:
        steps.insert(0, transforms.RandomHorizontalFlip())
    if augmentation.padding:
        steps.insert(0, transforms.RandomCrop(side, augmentation.padding))
    return transforms.Compose(steps)


def plain_loader(
    batches: BatchSource,
    indices: Indices,
    augmentation: Augmentation = NO_AUGMENTATION,
    *,
    shuffle: bool = False,
    sampler: Sampler[int] | None = None,
    workers: int = 0,
    batch_size: int = 128,
) -> Loader:
    """Return the loader of some images of a data set, with the transforms of those batches."""
    data = batches.data
    pixels = data.pixels.read(indices)
    transform = plain_transform(augmentation, pixels.shape[1], batches.normalization)
    return DataLoader(
        PlainImages(pixels, data.labels[indices], transform),  # type: ignore[arg-type]
        batch_size=batch_size,
        shuffle=shuffle,
        sampler=sampler,
        num_workers=workers,
        pin_memory=batches.device.type == "cuda",
    )


def transform_one(pixels: NDArray[np.uint8], padding: int, down: int, right: int, flipped: bool) -> Tensor:
    """Return one image (3, H, W) after the transforms with the given parameters, before normalization."""
    functional = transforms.functional
    image = functional.pad(Image.fromarray(pixels), [padding])
    image = functional.crop(image, down, right, *pixels.shape[:2])
    tensor: Tensor = functional.to_tensor(functional.hflip(image) if flipped else image)
    return tensor


def normalized(images: Tensor, scale: Normalization) -> Tensor:
    """Return images (B, 3, H, W) on the scale 0..1 with mean subtracted, divided by the standard deviation."""
    return (images - torch.tensor(scale.mean).view(3, 1, 1)) / torch.tensor(scale.std).view(3, 1, 1)
