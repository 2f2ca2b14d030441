"""Cross-entropy: the plain loss, which every other one is compared with."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class CrossEntropyLoss(nn.Module):
    """Mean negative log-likelihood of the softmax: ``-log softmax(z)_y``.

    Args:
        class_counts: training images per class, shape (C,); not used, every loss takes them.
    """

    def __init__(self, class_counts: Tensor) -> None:
        super().__init__()

    def forward(self, logits: Tensor, labels: Tensor, features: Tensor | None = None) -> Tensor:
        """Return the batch mean in nats, float32 or finer: logits (B, C), labels (B,) int64 -> scalar."""
        return F.cross_entropy(logits.to(torch.promote_types(logits.dtype, torch.float32)), labels)
