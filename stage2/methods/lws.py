"""LWS: learn one factor per class on stage one's logits."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from decouple.classifier import Classifier
from decouple.datasets.data import TRAIN
from decouple.files.features import Features
from stage2.fit_loop import FitSettings, fit_on_features
from stage2.fit_result import FitResult, Splits
from stage2.frozen_classifier import scaled_for_loss


@dataclass(frozen=True, kw_only=True)
class LearnableWeightScaling(FitSettings):
    """Learnable weight scaling: ``z'_j = s_j (w_j . f + b_j)`` with w and b fixed and s learned from 1.

    Source: Kang et al., ICLR 2020, arXiv:1910.09217, section 4.4.
    Use: as crt, where there are few images: C parameters in place of C (D + 1).
    """

    def fit(self, classifier: Classifier, splits: Splits) -> FitResult:
        """Return stage one's classifier with each row scaled.

        Raises:
            Unsuitable: the loss needs cosines, and stage one's classifier is linear.
        """
        return FitResult(fit_scales(classifier, splits[TRAIN], self, "lws"))


def fit_scales(classifier: Classifier, train: Features, how: FitSettings, method: str) -> Classifier:
    """Return the classifier with one factor a class, learned from 1.

    Raises:
        Unsuitable: see `scaled_for_loss`.
    """
    loss = how.loss_for(train, len(classifier.weight))
    kept, scale = scaled_for_loss(classifier, loss, how.loss, method)
    factors = nn.Parameter(torch.ones(len(classifier.weight)))
    fit_on_features([factors], lambda rows: kept.logits(rows) / scale * factors, train, loss, how)
    return _scaled(kept, factors.detach().clone())


def _scaled(classifier: Classifier, factors: Tensor) -> Classifier:
    if classifier.kind == "cosine":  # one scale for all classes no longer fits: write it into the rows
        rows = classifier.scale * F.normalize(classifier.weight, dim=1) * factors[:, None]
        return Classifier("centred", rows, centre=torch.zeros(classifier.weight.shape[1]))
    bias = None if classifier.bias is None else classifier.bias * factors
    return Classifier(classifier.kind, classifier.weight * factors[:, None], bias, centre=classifier.centre)
