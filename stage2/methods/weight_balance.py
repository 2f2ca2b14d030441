"""Weight balancing: train the classifier on while its rows may not grow long."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from decouple.classifier import Classifier
from decouple.datasets.data import TRAIN
from stage2.fit_loop import FitSettings, fit_on_features
from stage2.fit_result import FitResult, Splits
from stage2.frozen_classifier import scaled_for_loss


@dataclass(frozen=True, kw_only=True)
class WeightBalance(FitSettings):
    """Weight balancing: class-balanced loss, strong weight decay, and MaxNorm: rows stay within ``|w_j| <= cap``.

    Training goes on from stage one's weights. After every step a row that is longer is scaled back to the cap
    (projected gradient), cap = min + `norm_threshold` * (max - min) of the norms |w_j| of stage one. The bias has no
    cap. The lengths of a cosine classifier's rows do not reach its predictions, so there the cap changes only how fast
    it learns. The public code's class-balanced loss is a binary one on softmax; here it is the loss `class_balanced`.

    Source: Alshammari et al., CVPR 2022, arXiv:2203.14197, section 4.
    Use: after a stage one whose weight decay was tuned: it evens the norms out and keeps what was learned.
    """

    sampler: str = "instance"
    loss: str = "class_balanced"
    lr: float = 0.01
    weight_decay: float = 0.1
    norm_threshold: float = 0.1

    def fit(self, classifier: Classifier, splits: Splits) -> FitResult:
        """Return stage one's classifier, trained on.

        Raises:
            DataError: a class has no training image.
            Unsuitable: another loss was asked for that needs cosines, and stage one's classifier is linear.
        """
        loss = self.loss_for(splits[TRAIN], len(classifier.weight))
        kept, scale = scaled_for_loss(classifier, loss, self.loss, "weight_balance")
        weight = nn.Parameter(classifier.weight.clone())
        bias = None if classifier.bias is None else nn.Parameter(classifier.bias.clone())
        trained = dataclasses.replace(kept, weight=weight, bias=bias)
        fit_on_features(
            [weight] if bias is None else [weight, bias],
            lambda rows: trained.logits(rows) / scale,
            splits[TRAIN],
            loss,
            self,
            max_norm(weight, self.norm_threshold),
        )
        plain = None if bias is None else bias.detach().clone()
        return FitResult(dataclasses.replace(kept, weight=weight.detach().clone(), bias=plain))


def max_norm(weight: Tensor, threshold: float) -> Callable[[], None]:
    """Return what scales rows back that are longer than the cap, which comes from the norms of now."""
    norms = weight.detach().norm(dim=1)
    cap = norms.min() + threshold * (norms.max() - norms.min())

    def project() -> None:
        with torch.no_grad():
            weight.mul_((cap / weight.norm(dim=1, keepdim=True)).nan_to_num(nan=1.0).clamp(max=1.0))

    return project
