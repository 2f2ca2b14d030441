"""LWS: learn one factor per class on stage one's logits."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from decouple.classifier import Head
from decouple.datasets.data import TRAIN
from decouple.files.features import Features
from stage2.fit import FitSettings, fit_on_features
from stage2.fit_result import FitResult, Splits
from stage2.frozen_classifier import scaled_for_loss


@dataclass(frozen=True, kw_only=True)
class LearnableWeightScaling(FitSettings):
    """Learnable weight scaling: ``z'_j = s_j (w_j . f + b_j)`` with w and b fixed and s learned from 1.

    Source: Kang et al., ICLR 2020, arXiv:1910.09217, section 4.4.
    Use: as crt, where there are few images: C parameters in place of C (D + 1).
    """

    def fit(self, head: Head, splits: Splits) -> FitResult:
        """Return stage one's classifier with each row scaled.

        Raises:
            Unsuitable: the loss needs cosines, and stage one's classifier is linear.
        """
        return FitResult(fit_scales(head, splits[TRAIN], self, "lws"))


def fit_scales(head: Head, train: Features, how: FitSettings, method: str) -> Head:
    """Return the classifier with one factor a class, learned from 1.

    Raises:
        Unsuitable: see `scaled_for_loss`.
    """
    loss = how.loss_for(train, len(head.weight))
    kept, scale = scaled_for_loss(head, loss, how.loss, method)
    factors = nn.Parameter(torch.ones(len(head.weight)))
    fit_on_features([factors], lambda rows: kept.logits(rows) / scale * factors, train, loss, how)
    return _scaled(kept, factors.detach().clone())


def _scaled(head: Head, factors: Tensor) -> Head:
    if head.kind == "cosine":  # one scale for all classes no longer fits: write it into the rows
        rows = head.scale * F.normalize(head.weight, dim=1) * factors[:, None]
        return Head("centred", rows, centre=torch.zeros(head.weight.shape[1]))
    bias = None if head.bias is None else head.bias * factors
    return Head(head.kind, head.weight * factors[:, None], bias, centre=head.centre)
