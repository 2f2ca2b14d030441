"""LWS: learn one factor per class on stage one's logits."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import nn

from decouple.classifier import Classifier
from decouple.files.features import Features
from stage2.fit_inputs import training_split
from stage2.fit_loop import FitSettings, fit_on_features
from stage2.fit_result import FeatureSplits, FitResult
from stage2.frozen_classifier import scale_rows, scaled_for_loss


@dataclass(frozen=True, kw_only=True)
class LearnableWeightScaling(FitSettings):
    """Learnable weight scaling: ``z'_j = s_j (w_j . f + b_j)`` with w and b fixed and s learned from 1.

    Source: Kang et al., ICLR 2020, arXiv:1910.09217, section 4.4.
    Use: as crt, where there are few images: C parameters in place of C (D + 1).

    Raises:
        ConfigError: a setting is outside its range.

    Example:
        One step from s = 1. The image of class 0 has logits (1, 0), so p_0 = e / (e + 1) and the gradient of its loss
        on s_0 is p_0 - 1 = -0.269. The other image has logit 0 there. So s_0 = 1 + 0.269 / 2, and s_1 is the same.

        >>> classifier = Classifier("linear", torch.eye(2))
        >>> train = Features(torch.eye(2), torch.tensor([0, 1]))
        >>> method = LearnableWeightScaling(sampler="instance", epochs=1, lr=1.0, weight_decay=0.0)
        >>> method.fit(classifier, {"train": train}).classifier.weight
        tensor([[1.1345, 0.0000],
                [0.0000, 1.1345]])
    """

    needs_classifier: ClassVar[bool] = True
    searchable: ClassVar[bool] = True

    def fit(self, classifier: Classifier, splits: FeatureSplits) -> FitResult:
        """Return stage one's classifier with each row scaled.

        Raises:
            DataError: see `training_split`; or a class has no training image.
            IncompatibleMethodError: the loss needs cosines, and stage one's classifier is linear.
            DecoupleError: the training diverged.
        """
        return FitResult(fit_scales(classifier, training_split(classifier, splits), self, "lws"))


def fit_scales(classifier: Classifier, train: Features, settings: FitSettings, method: str) -> Classifier:
    """Return the classifier with one factor a class, learned from 1; errors name the method `method`.

    Raises:
        IncompatibleMethodError: see `scaled_for_loss`.
    """
    loss = settings.make_loss(train, len(classifier.weight))
    frozen, scale = scaled_for_loss(classifier, loss, settings.loss, method)
    factors = nn.Parameter(torch.ones(len(classifier.weight)))
    fit_on_features([factors], lambda features: frozen.logits(features) / scale * factors, train, loss, settings)
    return scale_rows(frozen, factors.detach().clone())
