"""Balanced softmax: cross-entropy that expects the tail to be rare in training."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from decouple.errors import DataError


class BalancedSoftmaxLoss(nn.Module):
    """Cross-entropy with every logit raised by the log of its class's image count.

    For logits z, label y and counts n: ``loss = -ln( n[y] exp(z[y]) / sum_j n[j] exp(z[j]) )``. Training only:
    predictions come from the bare logits. Source: Ren et al., NeurIPS 2020, arXiv:2007.10740, eq. 4.

    Args:
        class_counts: training images per class, shape (C,), each at least 1.

    Raises:
        DataError: class_counts is not one-dimensional, or a class has no image.
    """

    log_counts: Tensor

    def __init__(self, class_counts: Tensor) -> None:
        super().__init__()
        if class_counts.ndim != 1:  # torch would broadcast a (1, C) tensor without complaint
            raise DataError(f"class_counts must have shape (C,), got {tuple(class_counts.shape)}")
        empty = (class_counts < 1).nonzero().flatten().tolist()
        if empty:
            raise DataError(
                f"no training image for classes {empty} of {len(class_counts)}; balanced softmax needs one in each: "
                "lower the imbalance ratio or drop those classes"
            )
        self.register_buffer("log_counts", class_counts.float().log(), persistent=False)

    def forward(self, logits: Tensor, labels: Tensor, features: Tensor | None = None) -> Tensor:
        """Return the batch mean in nats, float32 or finer: logits (B, C), labels (B,) int64 -> scalar."""
        return F.cross_entropy(logits.to(torch.promote_types(logits.dtype, torch.float32)) + self.log_counts, labels)
