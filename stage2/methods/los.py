"""LOS: a new classifier under label smoothing so strong that the true class gets little more than its even share."""

from dataclasses import dataclass
from typing import ClassVar

import torch

from decouple.classifier import Classifier
from decouple.files.features import Features
from stage1.losses.build import make_loss
from stage1.losses.loss import Loss
from stage2.fit_inputs import training_split
from stage2.fit_loop import FitSettings
from stage2.fit_result import FeatureSplits, FitResult, IncompatibleMethodError
from stage2.method import PriorSource
from stage2.methods.crt import retrain

SMOOTHED = "ce"  # the only loss


@dataclass(frozen=True, kw_only=True)
class LabelOverSmoothing(FitSettings):
    """Label over-smoothing: crt on all images in turn, with targets ``1 - e + e / C`` and, for others, ``e / C``.

    e is `smoothing`. At 0.98 the target of the true class of 100 is 0.0298 and of any other 0.0098. The class counts
    are not used; smoothing 0 is crt with the sampler instance. Its probabilities are close to uniform by intention:
    its assumed class prior is 1 / C, and a temperature makes them as sure as they are right.

    Source: Sun et al., ICLR 2025 (LORT with LOS); public code with SGD, a cosine, 20 epochs and no weight decay.
    Use: a re-balanced classifier without class counts; smoothing tuned on the validation split.

    Raises:
        ConfigError: a setting is outside its range.

    Example:
        Two features that differ are told apart, with probabilities that go to 1 - 0.98 + 0.98 / 2 = 0.51.

        >>> import torch
        >>> shape = Classifier("linear", torch.zeros(2, 2), torch.zeros(2))
        >>> train = Features(torch.eye(2), torch.tensor([0, 1]))
        >>> classifier = LabelOverSmoothing(epochs=300, lr=1.0).fit(shape, {"train": train}).classifier
        >>> classifier.logits(train.features).softmax(dim=1)
        tensor([[0.5100, 0.4900],
                [0.4900, 0.5100]])
    """

    needs_classifier: ClassVar[bool] = False
    prior: ClassVar[PriorSource] = "uniform"

    sampler: str = "instance"
    epochs: int = 20
    weight_decay: float = 0.0
    smoothing: float = 0.98

    def fit(self, classifier: Classifier, splits: FeatureSplits) -> FitResult:
        """Return the new classifier; of `classifier` only its type, scale and shape are used.

        Raises:
            DataError: see `training_split`.
            IncompatibleMethodError: another loss than ce is set.
            DecoupleError: the training diverged.
        """
        train = training_split(classifier, splits)
        return FitResult(retrain(classifier, train, self, self.make_loss(train, len(classifier.weight))))

    def make_loss(self, train: Features, num_classes: int) -> Loss:
        """Return cross-entropy with the smoothing; see `FitSettings.make_loss`.

        Raises:
            IncompatibleMethodError: another loss is set.
        """
        if self.loss != SMOOTHED:
            raise IncompatibleMethodError(f"los smooths the labels of `loss={SMOOTHED}`, got `loss={self.loss}`")
        options = {**self.loss_options, "label_smoothing": self.smoothing}
        return make_loss(self.loss, torch.bincount(train.labels, minlength=num_classes), options)
