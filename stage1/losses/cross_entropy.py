"""Cross-entropy: the baseline of all other losses."""

import torch.nn.functional as F
from torch import Tensor

from decouple.checks import require_number
from stage1.losses.loss import Loss


class CrossEntropyLoss(Loss):
    """Negative log-likelihood of the softmax: ``-log softmax(z)_y``.

    With label smoothing e the target is y with probability 1 - e and any of the C classes, y among them, with e / C.

    Source: Szegedy et al., CVPR 2016, arXiv:1512.00567, section 7 (label smoothing).
    Use: the default of both stages, and the baseline of all other losses.

    Args:
        class_counts: training images per class, shape (C,); not used, every loss takes them.
        label_smoothing: e, in [0, 1].

    Raises:
        ConfigError: label_smoothing is outside its range.

    Example:
        Equal logits give each of two classes the probability 1/2, which costs log 2.

        >>> import torch
        >>> loss = CrossEntropyLoss(torch.tensor([3, 1]))
        >>> loss(torch.zeros(1, 2), torch.tensor([1]))
        tensor(0.6931)
    """

    def __init__(self, class_counts: Tensor, *, label_smoothing: float = 0.0) -> None:
        super().__init__(class_counts, empty_classes=True)
        require_number("label_smoothing", label_smoothing, at_least=0, at_most=1, usual="0.1 is usual")
        self.label_smoothing = label_smoothing

    def per_sample(self, logits: Tensor, labels: Tensor, features: Tensor | None) -> Tensor:
        """Return the cross-entropy of each sample, (B,)."""
        return F.cross_entropy(logits, labels, reduction="none", label_smoothing=self.label_smoothing)
