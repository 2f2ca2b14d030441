"""Cross-entropy: the plain loss, which every other one is compared with."""

import torch.nn.functional as F
from torch import Tensor

from decouple.errors import ConfigError
from stage1.losses.loss import Loss


class CrossEntropyLoss(Loss):
    """Negative log-likelihood of the softmax: ``-log softmax(z)_y``.

    With label smoothing e the target is y with probability 1 - e and any of the C classes, y among them, with e / C.

    Source: Szegedy et al., CVPR 2016, arXiv:1512.00567, section 7 (label smoothing).
    Use: the default of both stages, and the row that every other loss is compared with.

    Args:
        class_counts: training images per class, shape (C,); not used, every loss takes them.
        label_smoothing: e, in [0, 1].

    Raises:
        ConfigError: label_smoothing is outside.
    """

    def __init__(self, class_counts: Tensor, *, label_smoothing: float = 0.0) -> None:
        super().__init__(class_counts, empty_classes=True)
        if not 0 <= label_smoothing <= 1:
            raise ConfigError(f"label_smoothing must be in 0..1, got {label_smoothing}; 0.1 is a usual value")
        self.label_smoothing = label_smoothing

    def per_sample(self, logits: Tensor, labels: Tensor, features: Tensor | None) -> Tensor:
        """Return the cross-entropy of each sample, (B,)."""
        return F.cross_entropy(logits, labels, reduction="none", label_smoothing=self.label_smoothing)
