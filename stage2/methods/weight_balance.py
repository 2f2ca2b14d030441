"""Weight balancing: go on training the classifier under a limit on the norms of its rows."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from decouple.classifier import Classifier
from stage2.fit_inputs import training_split
from stage2.fit_loop import FitSettings, fit_on_features
from stage2.fit_result import FeatureSplits, FitResult
from stage2.frozen_classifier import scaled_for_loss


@dataclass(frozen=True, kw_only=True)
class WeightBalance(FitSettings):
    """Weight balancing: class-balanced loss, strong weight decay, and MaxNorm: rows stay within ``|w_j| <= cap``.

    Training goes on from stage one's weights. After every step a row that is longer is scaled back to the cap
    (projected gradient), cap = min + `norm_threshold` * (max - min) of the norms |w_j| of stage one. The bias has no
    cap. The predictions of a cosine classifier do not depend on the lengths of its rows, so there the cap changes only
    how fast it learns. The public code's class-balanced loss is a binary one on softmax; here it is the loss
    `class_balanced`.

    Source: Alshammari et al., CVPR 2022, arXiv:2203.14197, section 4.
    Use: after a stage one whose weight decay was tuned: it evens the norms out and keeps what was learned.

    Raises:
        ConfigError: a setting is outside its range.

    Example:
        The rows have norms 1 and 3; with threshold 0.5 the cap is 2.

        >>> from decouple.files.features import Features
        >>> classifier = Classifier("linear", torch.tensor([[1.0, 0.0], [0.0, 3.0]]))
        >>> train = Features(torch.eye(2), torch.tensor([0, 1]))
        >>> method = WeightBalance(norm_threshold=0.5, epochs=1, lr=1e-6)
        >>> method.fit(classifier, {"train": train}).classifier.weight.norm(dim=1).round(decimals=3)
        tensor([1., 2.])
    """

    needs_classifier: ClassVar[bool] = True

    sampler: str = "instance"
    loss: str = "class_balanced"
    lr: float = 0.01
    weight_decay: float = 0.1
    norm_threshold: float = 0.1

    def fit(self, classifier: Classifier, splits: FeatureSplits) -> FitResult:
        """Return stage one's classifier after more training.

        Raises:
            DataError: see `training_split`; or a class has no training image.
            IncompatibleMethodError: another loss is set that needs cosines, and stage one's classifier is linear.
            DecoupleError: the training diverged.
        """
        train = training_split(classifier, splits)
        loss = self.make_loss(train, len(classifier.weight))
        scaled, scale = scaled_for_loss(classifier, loss, self.loss, "weight_balance")
        weight = nn.Parameter(classifier.weight.clone())
        bias = None if classifier.bias is None else nn.Parameter(classifier.bias.clone())
        trained = dataclasses.replace(scaled, weight=weight, bias=bias)
        fit_on_features(
            [weight] if bias is None else [weight, bias],
            lambda features: trained.logits(features) / scale,
            train,
            loss,
            self,
            max_norm(weight, self.norm_threshold),
        )
        final_bias = None if bias is None else bias.detach().clone()
        return FitResult(dataclasses.replace(scaled, weight=weight.detach().clone(), bias=final_bias))


def max_norm(weight: Tensor, threshold: float) -> Callable[[], None]:
    """Return a function that scales rows of `weight` back to the cap, in place; the cap comes from the norms at call.

    Args:
        weight: (C, D).
        threshold: in [0, 1]; 0 is the smallest norm, 1 the largest.
    """
    norms = weight.detach().norm(dim=1)
    cap = norms.min() + threshold * (norms.max() - norms.min())

    def project() -> None:
        with torch.no_grad():
            weight.mul_((cap / weight.norm(dim=1, keepdim=True)).nan_to_num(nan=1.0).clamp(max=1.0))

    return project
