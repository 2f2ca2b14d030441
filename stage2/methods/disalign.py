"""DisAlign: correct each logit by a linear function of its own class, as strongly as a gate on the image says."""

import dataclasses
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from decouple.classifier import Alignment, Classifier
from decouple.files.features import Features
from stage1.losses.loss import Loss, scaled_to_classes
from stage2.fit_inputs import training_split
from stage2.fit_loop import FitSettings, fit_on_features
from stage2.fit_result import FeatureSplits, FitResult, IncompatibleMethodError
from stage2.frozen_classifier import scaled_for_loss


@dataclass(frozen=True, kw_only=True)
class DistributionAlignment(FitSettings):
    """DisAlign: ``z'_j = s (a_j z_j + b_j) + (1 - s) z_j`` with ``s = sigmoid(v . f + c)``, and z fixed.

    a, b, v and c are learned from 1, 0, 0 and 0, where z' = z. Classes weigh (1 / pi_j)^rho in the loss, scaled to sum
    C, with pi_j their share of the training images; a loss with class weights of its own gets the product of both. The
    public ImageNet-LT configuration has rho 1.2.

    Source: Zhang et al., CVPR 2021, arXiv:2103.16370, section 3.3.
    Use: as lws, where only some images need a correction: 2 C + D + 1 parameters.

    Raises:
        ConfigError: a setting is outside its range.

    Example:
        One step from a = 1 and s = 1/2. The image of class 0 has logits (1, 0), so p_0 = e / (e + 1), and the gradient
        of its loss on a_0 is s (p_0 - 1) = -0.134. So a_0 = 1 + 0.134 / 2 over two images, and a_1 is the same.

        >>> classifier = Classifier("linear", torch.eye(2))
        >>> train = Features(torch.eye(2), torch.tensor([0, 1]))
        >>> method = DistributionAlignment(epochs=1, lr=1.0, weight_decay=0.0)
        >>> method.fit(classifier, {"train": train}).classifier.alignment.factors
        tensor([1.0672, 1.0672])
    """

    needs_classifier: ClassVar[bool] = True

    sampler: str = "instance"
    rho: float = 1.0

    def fit(self, classifier: Classifier, splits: FeatureSplits) -> FitResult:
        """Return stage one's classifier with a correction on top.

        Raises:
            DataError: see `training_split`; or a class has no training image.
            IncompatibleMethodError: the loss needs cosines, and stage one's classifier is linear; or the loss has no
                value per image that could be weighted, and rho is not 0.
            DecoupleError: the training diverged.
        """
        train = training_split(classifier, splits)
        loss = self._weighted_loss(train, len(classifier.weight))
        frozen, scale = scaled_for_loss(classifier, loss, self.loss, "disalign")
        alignment = _identity(*classifier.weight.shape)
        parameters = [getattr(alignment, field.name) for field in dataclasses.fields(Alignment)]
        fit_on_features(
            parameters,
            lambda features: alignment.applied(frozen.logits(features), features) / scale,
            train,
            loss,
            self,
        )
        learned = Alignment(*(parameter.detach().clone() for parameter in parameters))
        return FitResult(dataclasses.replace(frozen, alignment=learned))

    def _weighted_loss(self, train: Features, num_classes: int) -> Loss:
        loss = self.make_loss(train, num_classes)
        if self.rho == 0:
            return loss
        if not loss.reweightable:
            raise IncompatibleMethodError(
                f"disalign weights images by class, and `loss={self.loss}` is no mean over images; "
                "use `rho=0`, or another loss"
            )
        return _Reweighted(loss, self.rho)


def _identity(num_classes: int, width: int) -> Alignment:
    """Return the learnable correction that changes nothing."""
    return Alignment(
        nn.Parameter(torch.ones(num_classes)),
        nn.Parameter(torch.zeros(num_classes)),
        nn.Parameter(torch.zeros(width)),
        nn.Parameter(torch.zeros(1)),
    )


class _Reweighted(Loss):
    """A loss whose class weights are multiplied by (1 / pi_j)^rho."""

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
        weights = self.loss.class_weights  # read at every epoch, since they may change with the progress
        self.class_weights = scaled_to_classes(self.factors if weights is None else weights * self.factors)

    def per_sample(self, logits: Tensor, labels: Tensor, features: Tensor | None) -> Tensor:
        """Return the loss of each sample, (B,), as the wrapped loss computes it."""
        return self.loss.per_sample(logits, labels, features)
