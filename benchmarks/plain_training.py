"""Stage one as in public code: a loop over a DataLoader, eager, with the loss read at every step."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from benchmarks.plain_images import Loader, plain_loader
from decouple.datasets.data import TRAIN, VAL
from stage1.network import Network
from stage1.trainer import Training


@dataclass
class PlainTraining:
    """A network, its loaders and its optimiser."""

    network: Network
    optimizer: torch.optim.Optimizer
    train: Loader
    validation: Loader
    device: torch.device


def plain_training(like: Training, *, workers: int = 0) -> PlainTraining:
    """Return a plain training of the weights, images, augmentation and settings of `like`, whose network it trains.

    float32 with channels first, and SGD that goes through the parameters one by one.
    """
    config, batches = like.config, like.batches
    splits = batches.data.splits
    network = like.network.to(memory_format=torch.contiguous_format)
    optimizer = torch.optim.SGD(
        network.parameters(),
        lr=config.initial_lr,
        momentum=config.momentum,
        weight_decay=config.weight_decay,
        foreach=False,
    )
    return PlainTraining(
        network,
        optimizer,
        plain_loader(batches, splits[TRAIN], like.augmentation, shuffle=True, workers=workers),
        plain_loader(batches, splits[VAL], workers=workers),
        batches.device,
    )


def plain_epoch(training: PlainTraining) -> float:
    """Train for an epoch, then validate; return balanced accuracy in percent."""
    training.network.train()
    num_images = total = 0.0
    for images, labels in training.train:
        images, labels = images.to(training.device), labels.to(training.device)
        loss = F.cross_entropy(training.network(images)[0], labels)
        training.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        training.optimizer.step()
        total, num_images = total + loss.item() * len(labels), num_images + len(labels)
    return plain_validation(training.network, training.validation, training.device)


@torch.no_grad()
def plain_validation(network: nn.Module, loader: Loader, device: torch.device) -> float:
    """Return balanced accuracy in percent."""
    network.eval()
    predicted: list[int] = []
    truth: list[int] = []
    for images, labels in loader:
        predicted += network(images.to(device))[0].argmax(dim=1).tolist()
        truth += labels.tolist()
    return balanced(torch.tensor(predicted), torch.tensor(truth))


def balanced(predicted: Tensor, labels: Tensor) -> float:
    """Return the mean over the classes present of the share that is predicted correctly, in percent; both (N,)."""
    shares = [(predicted[labels == label] == label).double().mean() for label in labels.unique()]  # type: ignore[no-untyped-call]
    return 100 * float(torch.stack(shares).mean())
