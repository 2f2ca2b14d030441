"""LWS: learn one factor per class on stage one's logits."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from decouple.datasets.data import TRAIN
from decouple.head import Head
from stage2.fit import FitSettings, fit_on_features
from stage2.fitted import Fitted, Splits


class _Scale(nn.Module):
    """``z'_j = s_j z_j``."""

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.factors = nn.Parameter(torch.ones(num_classes))

    def forward(self, logits: Tensor) -> Tensor:
        return logits * self.factors


@dataclass(frozen=True, kw_only=True)
class LearnableWeightScaling(FitSettings):
    """Learnable weight scaling: ``z'_j = s_j (w_j . f + b_j)`` with w and b fixed and s learned from 1.

    Source: Kang et al., ICLR 2020, arXiv:1910.09217, section 4.4.
    """

    def fit(self, head: Head, splits: Splits) -> Fitted:
        """Return stage one's classifier with each row scaled."""
        train, num_classes = splits[TRAIN], len(head.weight)
        scale = _Scale(num_classes)
        fit_on_features(scale, head.logits(train.features), train, num_classes, self)
        return Fitted(_scaled(head, scale.factors.detach().clone()))


def _scaled(head: Head, factors: Tensor) -> Head:
    if head.kind == "cosine":  # one scale for all classes no longer fits: write it into the rows
        rows = head.scale * F.normalize(head.weight, dim=1) * factors[:, None]
        return Head("centred", rows, centre=torch.zeros(head.weight.shape[1]))
    bias = None if head.bias is None else head.bias * factors
    return Head(head.kind, head.weight * factors[:, None], bias, centre=head.centre)
