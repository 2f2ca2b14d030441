"""LWS: learn one factor per class on stage one's logits."""

import dataclasses
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from decouple.datasets.data import TRAIN
from decouple.errors import ConfigError
from decouple.head import Head
from stage1.losses.loss import Loss
from stage2.fit import FitSettings, fit_on_features
from stage2.fitted import Fitted, Splits


@dataclass(frozen=True, kw_only=True)
class LearnableWeightScaling(FitSettings):
    """Learnable weight scaling: ``z'_j = s_j (w_j . f + b_j)`` with w and b fixed and s learned from 1.

    Source: Kang et al., ICLR 2020, arXiv:1910.09217, section 4.4.
    Use: as crt, where there are few images: C parameters in place of C (D + 1).
    """

    def fit(self, head: Head, splits: Splits) -> Fitted:
        """Return stage one's classifier with each row scaled.

        Raises:
            ConfigError: the loss needs cosines, and stage one's classifier is linear.
        """
        train, num_classes = splits[TRAIN], len(head.weight)
        loss = self.loss_for(train, num_classes)
        if loss.classifier == "cosine":
            head = _with_scale_of(loss, head, self.loss)
        scale = loss.scale if loss.classifier == "cosine" else 1.0  # the loss multiplies its cosines by it
        factors = nn.Parameter(torch.ones(num_classes))
        fit_on_features([factors], lambda rows: head.logits(rows) / scale * factors, None, train, loss, self)
        return Fitted(_scaled(head, factors.detach().clone()))


def _with_scale_of(loss: Loss, head: Head, name: str) -> Head:
    """Return a cosine head with the loss's own scale."""
    if head.kind != "cosine":
        raise ConfigError(
            f"--loss {name} needs cosines, and lws keeps stage one's classifier, which is {head.kind}; use --method crt"
        )
    return dataclasses.replace(head, scale=loss.scale)


def _scaled(head: Head, factors: Tensor) -> Head:
    if head.kind == "cosine":  # one scale for all classes no longer fits: write it into the rows
        rows = head.scale * F.normalize(head.weight, dim=1) * factors[:, None]
        return Head("centred", rows, centre=torch.zeros(head.weight.shape[1]))
    bias = None if head.bias is None else head.bias * factors
    return Head(head.kind, head.weight * factors[:, None], bias, centre=head.centre)
