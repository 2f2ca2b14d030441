"""Stage two on features as public code has it: class masks, a product for each tau, automatic differentiation."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.utils.data import WeightedRandomSampler

from decouple.classifier import Classifier
from decouple.files.features import Features


def plain_means(found: Features, num_classes: int) -> Tensor:
    """Return the mean feature of each class, (C, D), with a boolean mask for each."""
    return torch.stack([found.stored[found.labels == label].float().mean(dim=0) for label in range(num_classes)])


def plain_tau_recalls(classifier: Classifier, found: Features, taus: Sequence[float]) -> Tensor:
    """Return (T, C) recalls: rows of weights scaled one by one, a product and a list of predictions for each tau."""
    features, rows = found.features, []
    for tau in taus:
        scaled = torch.stack([row / row.norm() ** tau for row in classifier.weight])
        predicted: list[int] = []
        for batch in features.split(128):  # type: ignore[no-untyped-call]
            predicted.extend((batch @ scaled.T).argmax(dim=1).tolist())
        right = torch.tensor(predicted) == found.labels
        rows.append(_means_by_class(right, found.labels, len(classifier.weight)))
    return torch.stack(rows)


def plain_classifier(
    found: Features, num_classes: int, *, lr: float, batch_size: int, steps: int | None = None, seed: int = 0
) -> Classifier:
    """Return a linear classifier after an epoch of class-balanced draws, or after its first `steps`."""
    torch.manual_seed(seed)
    counts = torch.bincount(found.labels, minlength=num_classes)
    weights = 1 / counts[found.labels].double()
    order = torch.tensor(list(WeightedRandomSampler(weights, len(found.labels))))  # type: ignore[arg-type]
    classifier = nn.Linear(found.stored.shape[1], num_classes)
    optimizer = torch.optim.SGD(classifier.parameters(), lr=lr, momentum=0.9, weight_decay=5e-4, foreach=False)
    parts = order.split(batch_size)  # type: ignore[no-untyped-call]
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, len(parts))
    for batch in parts[:steps]:
        loss = nn.functional.cross_entropy(classifier(found.stored[batch].float()), found.labels[batch])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
    return Classifier("linear", classifier.weight.detach().clone(), classifier.bias.detach().clone())


def _means_by_class(right: Tensor, labels: Tensor, num_classes: int) -> Tensor:
    """Return the share of right predictions of each class, NaN for absent ones: an average, and no mask for each."""
    counts = torch.bincount(labels, minlength=num_classes).double()
    return torch.zeros(num_classes, dtype=torch.float64).index_add_(0, labels, right.double()) / counts
