"""The training loops that the GPU table compares, and the seconds of an epoch of each."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from benchmarks.plain_training import plain_epoch, plain_training
from decouple.precision import autocast
from stage1.trainer import Training, finish_epoch, train_epoch


@dataclass(frozen=True)
class Spent:
    """Seconds of an epoch; None where a loop does not separate training from validation, or has no validation."""

    train: float | None
    total: float | None


Way = Callable[[], Spent]


def plain_way(like: Training, workers: int) -> Way:
    """Return the loop of public code: PIL images through `workers` processes, eager float32, channels first."""
    plain = plain_training(like, workers=workers)

    def run() -> Spent:
        started = time.perf_counter()
        plain_epoch(plain)
        return Spent(None, time.perf_counter() - started)

    return run


def autocast_way(like: Training) -> Way:
    """Return an eager loop with bfloat16 autocast on our batches; it trains the network of `like`.

    Channels first, torch's default SGD, nothing read from the device within an epoch; training alone.
    """
    config, batches = like.config, like.batches
    network = like.network.to(memory_format=torch.contiguous_format)
    network.bf16 = False  # autocast is around the whole of it here
    optimizer = torch.optim.SGD(
        network.parameters(), lr=config.initial_lr, momentum=config.momentum, weight_decay=config.weight_decay
    )
    epoch = 0

    def run() -> Spent:
        nonlocal epoch
        started, epoch = time.perf_counter(), epoch + 1
        like.sampler.set_epoch(epoch)
        order = like.train[like.sampler.draw().numpy()]
        network.train()
        total = torch.zeros((), device=batches.device)
        for images, labels in batches.augmented(order, config.batch_size, like.augmentation, (config.seed, epoch)):
            with autocast(batches.device, True):
                loss = F.cross_entropy(network(images.contiguous())[0], labels)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            total += loss.detach()
        total.item()  # waits for the device
        return Spent(time.perf_counter() - started, None)

    return run


def own_way(training: Training) -> Way:
    """Return the loop of `decouple stage1`."""

    def run() -> Spent:
        started = time.perf_counter()
        train_epoch(training, lambda *_: None, lambda: False)  # reads its totals after the last step
        training.seconds = time.perf_counter() - started
        train = training.seconds
        finish_epoch(training)
        return Spent(train, time.perf_counter() - started)

    return run
