"""The losses by name: ``LOSSES[name](class_counts)`` is a module called as ``loss(logits, labels, features)``."""

from collections.abc import Callable

from torch import Tensor, nn

from stage1.losses.balanced_softmax import BalancedSoftmaxLoss
from stage1.losses.cross_entropy import CrossEntropyLoss

LOSSES: dict[str, Callable[[Tensor], nn.Module]] = {
    "ce": CrossEntropyLoss,
    "balanced_softmax": BalancedSoftmaxLoss,
}
