"""The losses by name: ``LOSSES[name](class_counts, **options)``, called as ``loss(logits, labels, features)``."""

from stage1.losses.balanced_softmax import BalancedSoftmaxLoss
from stage1.losses.cross_entropy import CrossEntropyLoss
from stage1.losses.drw import drw
from stage1.losses.loss import Loss

__all__ = ["LOSSES", "drw"]

LOSSES: dict[str, type[Loss]] = {
    "ce": CrossEntropyLoss,
    "balanced_softmax": BalancedSoftmaxLoss,
}
