"""The usual way of cRT: images through the frozen backbone in every epoch. Plain code, as public code has it."""

from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, WeightedRandomSampler
from torchvision import transforms

from decouple.datasets.data import TRAIN
from decouple.head import Head
from stage1.trainer import Training


class _Images(Dataset[tuple[Tensor, int]]):
    """Images as PIL, transformed one by one."""

    def __init__(self, pixels: Any, labels: Any, transform: Any) -> None:
        self.pixels, self.labels, self.transform = pixels, labels, transform

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.transform(Image.fromarray(self.pixels[index])), int(self.labels[index])


def train_through_backbone(training: Training, epochs: int, seed: int) -> Head:
    """Return a classifier trained on class-balanced draws; the settings are those of `crt`."""
    torch.manual_seed(seed)
    data, scale = training.batches.data, training.batches.normalisation
    train = data.splits[TRAIN]
    steps: list[Any] = [transforms.RandomCrop(data.pixels.read(train[:1]).shape[1], training.augmentation.padding)]
    if training.augmentation.mirror:
        steps.append(transforms.RandomHorizontalFlip())
    steps += [transforms.ToTensor(), transforms.Normalize(scale.mean, scale.std)]
    images = _Images(data.pixels.read(train), data.labels[train], transforms.Compose(steps))
    weights = torch.from_numpy(1 / data.class_counts[data.labels[train]])
    sampler = WeightedRandomSampler(weights, len(train))  # type: ignore[arg-type]
    loader = DataLoader(images, batch_size=128, sampler=sampler)
    backbone = training.network.backbone.eval().to(memory_format=torch.contiguous_format)
    classifier = nn.Linear(backbone.num_features, len(data.class_names))  # type: ignore[arg-type]
    optimizer = torch.optim.SGD(classifier.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs * len(loader))
    for _ in range(epochs):
        for batch, labels in loader:
            with torch.no_grad():
                features = backbone(batch)
            optimizer.zero_grad()
            nn.functional.cross_entropy(classifier(features), labels).backward()
            optimizer.step()
            schedule.step()
    training.network.to(memory_format=torch.channels_last)
    return Head("linear", classifier.weight.detach().clone(), classifier.bias.detach().clone())
