"""Stage two on features, as in public code: class masks, a product for each tau, automatic differentiation."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.utils.data import WeightedRandomSampler

from decouple.classifier import Classifier
from decouple.files.features import Features


def plain_means(data: Features, num_classes: int) -> Tensor:
    """Return the mean feature of each class, (C, D), with a boolean mask for each."""
    return torch.stack([data.stored[data.labels == label].float().mean(dim=0) for label in range(num_classes)])


def plain_tau_recalls(classifier: Classifier, data: Features, taus: Sequence[float]) -> Tensor:
    """Return (T, C) recalls: rows of weights scaled one by one, a product and a list of predictions for each tau."""
    features, rows = data.features, []
    for tau in taus:
        scaled = torch.stack([row / row.norm() ** tau for row in classifier.weight])
        predicted: list[int] = []
        for batch in features.split(128):  # type: ignore[no-untyped-call]
            predicted.extend((batch @ scaled.T).argmax(dim=1).tolist())
        correct = torch.tensor(predicted) == data.labels
        rows.append(_means_by_class(correct, data.labels, len(classifier.weight)))
    return torch.stack(rows)


def plain_classifier(
    data: Features, num_classes: int, *, lr: float, batch_size: int, steps: int | None = None, seed: int = 0
) -> Classifier:
    """Return a linear classifier after an epoch of class-balanced draws, or after its first `steps`."""
    torch.manual_seed(seed)
    counts = torch.bincount(data.labels, minlength=num_classes)
    weights = 1 / counts[data.labels].double()
    order = torch.tensor(list(WeightedRandomSampler(weights, len(data.labels))))  # type: ignore[arg-type]
    classifier = nn.Linear(data.stored.shape[1], num_classes)
    optimizer = torch.optim.SGD(classifier.parameters(), lr=lr, momentum=0.9, weight_decay=5e-4, foreach=False)
    chunks = order.split(batch_size)  # type: ignore[no-untyped-call]
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, len(chunks))
    for batch in chunks[:steps]:
        loss = nn.functional.cross_entropy(classifier(data.stored[batch].float()), data.labels[batch])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
    return Classifier("linear", classifier.weight.detach().clone(), classifier.bias.detach().clone())


def _means_by_class(correct: Tensor, labels: Tensor, num_classes: int) -> Tensor:
    """Return the share of correct predictions of each class, NaN for absent ones, without masks."""
    counts = torch.bincount(labels, minlength=num_classes).double()
    return torch.zeros(num_classes, dtype=torch.float64).index_add_(0, labels, correct.double()) / counts
