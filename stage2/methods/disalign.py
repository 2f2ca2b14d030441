"""DisAlign: correct each logit by a class's own line, as far as the image asks for it."""

import dataclasses
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from decouple.classifier import Alignment, Classifier
from decouple.datasets.data import TRAIN
from decouple.files.features import Features
from stage1.losses.loss import Loss, scaled_to_classes
from stage2.fit_loop import FitSettings, fit_on_features
from stage2.fit_result import FitResult, IncompatibleMethodError, Splits
from stage2.frozen_classifier import scaled_for_loss


@dataclass(frozen=True, kw_only=True)
class DistributionAlignment(FitSettings):
    """DisAlign: ``z'_j = s (a_j z_j + b_j) + (1 - s) z_j`` with ``s = sigmoid(v . f + c)``, and z fixed.

    a, b, v and c are learned from 1, 0, 0 and 0, where z' = z. Classes weigh (1 / pi_j)^rho in the loss, scaled to sum
    C, with pi_j their share of the training images; a loss with class weights of its own gets the product of both.

    Source: Zhang et al., CVPR 2021, arXiv:2103.16370, section 3.3.
    Use: as lws, where only some images need a correction: 2 C + D + 1 parameters.
    """

    sampler: str = "instance"
    rho: float = 1.0

    def fit(self, classifier: Classifier, splits: Splits) -> FitResult:
        """Return stage one's classifier with a correction on top.

        Raises:
            DataError: a class has no training image.
            Unsuitable: the loss needs cosines, and stage one's classifier is linear; or it has no value per image
                that could be weighted, and rho is not 0.
        """
        loss = self._weighted_loss(splits[TRAIN], len(classifier.weight))
        kept, scale = scaled_for_loss(classifier, loss, self.loss, "disalign")
        classes, width = classifier.weight.shape
        learned = Alignment(
            nn.Parameter(torch.ones(classes)),
            nn.Parameter(torch.zeros(classes)),
            nn.Parameter(torch.zeros(width)),
            nn.Parameter(torch.zeros(1)),
        )
        parameters = [getattr(learned, each.name) for each in dataclasses.fields(Alignment)]
        fit_on_features(
            parameters, lambda rows: learned.applied(kept.logits(rows), rows) / scale, splits[TRAIN], loss, self
        )
        return FitResult(
            dataclasses.replace(kept, alignment=Alignment(*(each.detach().clone() for each in parameters)))
        )

    def _weighted_loss(self, train: Features, num_classes: int) -> Loss:
        loss = self.loss_for(train, num_classes)
        if self.rho == 0:
            return loss
        if not loss.reweightable:
            raise IncompatibleMethodError(
                f"disalign weighs images by class, and --loss {self.loss} is no mean over images; "
                "use --rho 0, or another loss"
            )
        return _Reweighted(loss, self.rho)


class _Reweighted(Loss):
    """A loss whose samples weigh (1 / pi_j)^rho besides."""

    def __init__(self, loss: Loss, rho: float) -> None:
        super().__init__(loss.class_counts)
        self.loss = loss
        self.classifier, self.scale, self.needs_features = loss.classifier, loss.scale, loss.needs_features
        self.factors = (loss.class_counts.sum() / loss.class_counts) ** rho
        self.set_epoch(0, 1)

    def set_epoch(self, epoch: int, epochs: int) -> None:
        """Move to epoch `epoch` of `epochs`; see `Loss.set_epoch`."""
        super().set_epoch(epoch, epochs)
        self.loss.set_epoch(epoch, epochs)
        own = self.loss.class_weights  # asked anew, for it may change with the progress
        self.class_weights = scaled_to_classes(self.factors if own is None else own * self.factors)

    def per_sample(self, logits: Tensor, labels: Tensor, features: Tensor | None) -> Tensor:
        """Return the loss of each sample, (B,), as the wrapped loss computes it."""
        return self.loss.per_sample(logits, labels, features)
