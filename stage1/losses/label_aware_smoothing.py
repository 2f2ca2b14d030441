"""Label-aware smoothing: classes of many images get stronger label smoothing."""

import math
from collections.abc import Callable
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from decouple.checks import require_choice, require_number
from stage1.losses.loss import Loss

SHAPES: dict[str, Callable[[Tensor], Tensor]] = {  # from [0, 1] onto [0, 1]
    "concave": lambda u: torch.sin(u * (math.pi / 2)),
    "linear": lambda u: u,
    "convex": lambda u: 1 - torch.cos(u * (math.pi / 2)),  # = 1 + sin(3 pi/2 + u pi/2), as the paper writes it
}


class LabelAwareSmoothingLoss(Loss):
    """Label smoothing that grows with the class: ``(1 - e_y) * -log p_y + e_y / (C-1) * sum_{k != y} -log p_k``.

    e_j = tail + (head - tail) * g(u_j) with u_j = (n_j - n_min) / (n_max - n_min) and g(u) = sin(pi/2 * u) (concave),
    u (linear) or 1 - cos(pi/2 * u) (convex). On balanced counts u is 0 / 0; it is taken as 0, so that e_j = tail:
    there is no head whose confidence must be reduced.

    The public code spreads e_y over all C classes; here, as in the paper, y gets none of it.

    Source: Zhong et al., CVPR 2021, arXiv:2104.00466 (MiSLAS), section 3.2.
    Use: calibrated probabilities; in the second stage, after mixup in the first.

    Args:
        class_counts: training images per class, shape (C,), each at least 1.
        head: smoothing of the largest class, in [0, 1].
        tail: smoothing of the smallest class, in [0, 1]; head and tail 0 is cross-entropy.
        shape: "concave", "linear" or "convex".

    Raises:
        ConfigError: head or tail is outside its range, or there is no such shape.
        DataError: a class has no image.

    Example:
        The largest class is smoothed by `head`, the smallest by `tail`.

        >>> LabelAwareSmoothingLoss(torch.tensor([3, 1])).smoothing
        tensor([0.3000, 0.0000], dtype=torch.float64)
    """

    smoothing: Tensor

    def __init__(
        self,
        class_counts: Tensor,
        *,
        head: float = 0.3,
        tail: float = 0.0,
        shape: Literal["concave", "linear", "convex"] = "concave",
    ) -> None:
        super().__init__(class_counts)
        require_number("head", head, at_least=0, at_most=1, usual="0.3 is usual")
        require_number("tail", tail, at_least=0, at_most=1, usual="0 is usual")
        require_choice("shape", shape, SHAPES)
        above = self.class_counts - self.class_counts.min()
        share = above / above.max() if above.any() else above
        self.register_buffer("smoothing", tail + (head - tail) * SHAPES[shape](share), persistent=False)

    def per_sample(self, logits: Tensor, labels: Tensor, features: Tensor | None) -> Tensor:
        """Return the smoothed cross-entropy of each sample, (B,)."""
        log_p = F.log_softmax(logits, dim=1)
        others = -log_p.scatter(1, labels[:, None], 0.0).sum(dim=1) / (logits.shape[1] - 1)
        smoothing = self.smoothing.to(logits.dtype)[labels]
        return (1 - smoothing) * F.nll_loss(log_p, labels, reduction="none") + smoothing * others
