"""The one loop over cached features that the trained methods share."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from decouple.errors import DecoupleError
from decouple.features import Features
from decouple.lookup import look_up
from samplers import SAMPLERS
from stage1.losses import LOSSES


@dataclass(frozen=True, kw_only=True)
class FitSettings:
    """How a classifier is trained on features: SGD whose learning rate falls to 0 along a cosine."""

    sampler: str = "class"
    loss: str = "ce"
    epochs: int = 10
    batch_size: int = 128
    lr: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 5e-4
    seed: int = 0


def fit_on_features(module: nn.Module, inputs: Tensor, train: Features, num_classes: int, how: FitSettings) -> None:
    """Train `module`, which maps rows of `inputs` to logits, in place.

    Args:
        module: (B, ...) -> (B, C); its parameters are trained.
        inputs: one row per training image: the features, or something made from them once.
        train: features and labels, for the loss and the sampler.
        num_classes: C.
        how: sampler, loss, optimiser.

    Raises:
        ConfigError: no such sampler or loss.
        DataError: a class has no image, and the sampler or the loss needs one.
        DecoupleError: the training diverged.
    """
    counts = torch.bincount(train.labels, minlength=num_classes)
    loss = look_up(LOSSES, how.loss, "loss")(counts)
    sampler = look_up(SAMPLERS, how.sampler, "sampler")(train.labels, seed=how.seed, epochs=how.epochs)
    optimizer = torch.optim.SGD(module.parameters(), lr=how.lr, momentum=how.momentum, weight_decay=how.weight_decay)
    steps = -(-len(sampler) // how.batch_size)
    for epoch in range(how.epochs):
        sampler.set_epoch(epoch)
        for step, batch in enumerate(sampler.draw().tensor_split(steps)):
            progress = (epoch * steps + step) / (how.epochs * steps)
            for group in optimizer.param_groups:
                group["lr"] = how.lr / 2 * (1 + math.cos(math.pi * progress))
            optimizer.zero_grad()
            loss(module(inputs[batch]), train.labels[batch], train.features[batch]).backward()
            optimizer.step()
    if not all(parameter.isfinite().all() for parameter in module.parameters()):
        raise DecoupleError(f"the classifier's weights became infinite or not a number at --lr {how.lr:g}; lower it")
