"""The usual procedure of cRT, as in public code: images pass through the frozen backbone in every epoch."""

import torch
from torch import nn
from torch.utils.data import WeightedRandomSampler

from benchmarks.plain_images import plain_loader
from decouple.classifier import Classifier
from decouple.datasets.data import TRAIN
from stage1.trainer import Training


def train_through_backbone(training: Training, epochs: int, seed: int) -> Classifier:
    """Return a classifier trained on class-balanced draws; the settings are those of `crt`."""
    torch.manual_seed(seed)
    data = training.batches.data
    train = data.splits[TRAIN]
    weights = torch.from_numpy(1 / data.class_counts[data.labels[train]])
    sampler = WeightedRandomSampler(weights, len(train))  # type: ignore[arg-type]
    loader = plain_loader(training.batches, train, training.augmentation, sampler=sampler)
    backbone = training.network.backbone.eval().to(memory_format=torch.contiguous_format)
    classifier = nn.Linear(backbone.num_features, len(data.class_names))  # type: ignore[arg-type]
    optimizer = torch.optim.SGD(classifier.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs * len(loader))
    for _ in range(epochs):
        for batch, labels in loader:
            with torch.no_grad():
                features = backbone(batch)
            optimizer.zero_grad()
            nn.functional.cross_entropy(classifier(features), labels).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
    training.network.to(memory_format=torch.channels_last)
    return Classifier("linear", classifier.weight.detach().clone(), classifier.bias.detach().clone())
