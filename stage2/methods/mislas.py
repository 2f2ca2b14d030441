"""MiSLAS: stage one's classifier goes on training slowly, with one factor per class, under label-aware smoothing."""

import dataclasses
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from decouple.classifier import Classifier
from stage2.fit_inputs import training_split
from stage2.fit_loop import FitSettings, fit_on_features
from stage2.fit_result import FeatureSplits, FitResult
from stage2.frozen_classifier import scale_rows, trainable_for_loss


@dataclass(frozen=True, kw_only=True)
class MiSLAS(FitSettings):
    """The second stage of MiSLAS: ``z'_j = s_j (w_j . f + b_j)``, all trained under `label_aware_smoothing`.

    w and b start as stage one's and learn at `lr_factor` times the rate; s starts at 1 and learns at the full rate.
    Momentum and weight decay are those of all. lr_factor 0 is las; without the factors s as well it is stage one.
    Published values of lr_factor: 0.5 / 0.2 / 0.2 for CIFAR-10 with imbalance ratio 100 / 50 / 10, 0.2 / 0.1 / 0.1 for
    CIFAR-100, and 0.05 for the large data sets; of `head` of the smoothing: 0.3 / 0.2 / 0.1, and 0.4 / 0.3 / 0.2 (with
    `tail` 0.1 at ratio 100 of CIFAR-100, else 0). The public code draws four images of a class in a row; here
    one class follows another with the sampler option `replacement=false`. Its shifted batch norm is
    `--weights shifted`, off by default as in its code for CIFAR-10.

    A loss of cosines, such as kps, reads the cosines of stage one's rows, also where stage one is linear: the bias is
    then dropped, and the lengths of the rows do not count.

    Source: Zhong et al., CVPR 2021, arXiv:2104.00466, section 3; public code train_stage2.py.
    Use: after mixup in stage one; calibrated probabilities, and as many images right as crt.

    Raises:
        ConfigError: a setting is outside its range.

    Example:
        One step as in the example of las, from factors 1 and weights 1: the factors become 1.1345. The gradient on the
        weights is the same here, and a tenth of the rate makes them 1.0134 (and 0 becomes -0.0134).

        >>> from decouple.files.features import Features
        >>> classifier = Classifier("linear", torch.eye(2))
        >>> train = Features(torch.eye(2), torch.tensor([0, 1]))
        >>> method = MiSLAS(sampler="instance", epochs=1, lr=1.0, lr_factor=0.1, weight_decay=0.0)
        >>> method.fit(classifier, {"train": train}).classifier.weight
        tensor([[ 1.1497, -0.0153],
                [-0.0153,  1.1497]])
    """

    needs_classifier: ClassVar[bool] = True

    loss: str = "label_aware_smoothing"
    lr_factor: float = 0.2
    fixed_scale: bool = False

    def fit(self, classifier: Classifier, splits: FeatureSplits) -> FitResult:
        """Return the trained classifier with each row scaled.

        Raises:
            DataError: see `training_split`; or a class has no training image.
            DecoupleError: the training diverged.
        """
        train = training_split(classifier, splits)
        loss = self.make_loss(train, len(classifier.weight))
        start, scale = trainable_for_loss(classifier, loss)
        weight = nn.Parameter(start.weight.clone())
        bias = None if start.bias is None else nn.Parameter(start.bias.clone())
        factors = nn.Parameter(torch.ones(len(weight)))
        learned = self._lr_factors(weight, bias, factors)
        if not learned:
            return FitResult(start)
        moving = dataclasses.replace(start, weight=weight, bias=bias)

        def logits(features: Tensor) -> Tensor:
            return moving.logits(features) / scale * factors

        fit_on_features(learned, logits, train, loss, self)
        fitted = dataclasses.replace(
            start, weight=weight.detach().clone(), bias=None if bias is None else bias.detach().clone()
        )
        return FitResult(fitted if self.fixed_scale else scale_rows(fitted, factors.detach().clone()))

    def _lr_factors(
        self, weight: nn.Parameter, bias: nn.Parameter | None, factors: nn.Parameter
    ) -> dict[nn.Parameter, float]:
        """Return what is learned, and the factor on the learning rate of each."""
        slow = [parameter for parameter in (weight, bias) if parameter is not None and self.lr_factor > 0]
        return dict.fromkeys(slow, self.lr_factor) | ({} if self.fixed_scale else {factors: 1.0})
