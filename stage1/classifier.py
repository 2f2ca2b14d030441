"""The last layer: from features to logits."""

from typing import Literal, get_args

import torch
from torch import Tensor, nn

from decouple.checks import require_choice, require_number, require_whole
from decouple.classifier import Classifier, cosine_logits
from decouple.errors import ConfigError
from stage1.losses.loss import Loss

ClassifierType = Literal["linear", "cosine"]


class LinearClassifier(nn.Linear):
    """``z = W f + b``, initialised as torch does for a linear layer.

    Args:
        num_features: D, 1 or more.
        num_classes: C, 1 or more.

    Raises:
        ConfigError: a number is outside its range.
    """

    def __init__(self, num_features: int, num_classes: int) -> None:
        _require_sizes(num_features, num_classes)
        super().__init__(num_features, num_classes)

    def as_tensors(self) -> Classifier:
        """Return the weights as plain tensors that later training does not change."""
        return Classifier("linear", self.weight.detach().clone(), self.bias.detach().clone())


class CosineClassifier(nn.Module):
    """``z_j = scale * cos(w_j, f)``: the lengths of features and of class weights have no effect.

    Source: Gidaris and Komodakis, CVPR 2018, arXiv:1804.09458.

    Args:
        num_features: D, 1 or more.
        num_classes: C, 1 or more.
        scale: factor on the cosines, above 0.

    Raises:
        ConfigError: a number is outside its range.
    """

    def __init__(self, num_features: int, num_classes: int, scale: float) -> None:
        super().__init__()
        _require_sizes(num_features, num_classes)
        require_number("scale", scale, above=0, usual="30 is usual")
        self.scale = scale
        self.weight = nn.Parameter(torch.empty(num_classes, num_features))
        nn.init.kaiming_uniform_(self.weight, a=5**0.5)

    def forward(self, features: Tensor) -> Tensor:
        """Return scaled cosines: features (B, D) -> (B, C)."""
        return cosine_logits(features, self.weight, self.scale)

    def cosines(self, features: Tensor) -> Tensor:
        """Return unscaled cosines in [-1, 1], for a loss with its own scale: features (B, D) -> (B, C)."""
        return cosine_logits(features, self.weight, 1.0)

    def as_tensors(self) -> Classifier:
        """Return the weights as plain tensors that later training does not change."""
        return Classifier("cosine", self.weight.detach().clone(), scale=self.scale)


ClassifierModule = LinearClassifier | CosineClassifier


def classifier_for(choice: str, loss: Loss, name: str, cosine_scale: float) -> tuple[ClassifierType, float]:
    """Return type and scale of the classifier that goes with a loss.

    Args:
        choice: auto, linear or cosine; auto is what the loss reads.
        loss: a cosine loss has its own scale.
        name: the loss's, for the message.
        cosine_scale: of a cosine classifier under any other loss.

    Raises:
        ConfigError: the loss needs cosines and the choice is linear, or there is no such choice.
    """
    require_choice("classifier", choice, ("auto", *get_args(ClassifierType)))
    if loss.classifier == "cosine":
        if choice == "linear":
            raise ConfigError(f"`loss={name}` needs the cosines of a cosine classifier; leave `classifier` out")
        return "cosine", loss.scale
    return ("cosine", cosine_scale) if choice == "cosine" else ("linear", 1.0)


def loss_logits(classifier: ClassifierModule, features: Tensor, logit_type: str) -> Tensor:
    """Return what a loss of `logit_type` (linear or cosine) reads: features (B, D) -> (B, C)."""
    if logit_type == "cosine" and isinstance(classifier, CosineClassifier):
        return classifier.cosines(features)
    logits: Tensor = classifier(features)
    return logits


def make_classifier(classifier_type: str, num_features: int, num_classes: int, scale: float) -> ClassifierModule:
    """Return a new classifier.

    Args:
        classifier_type: linear or cosine.
        num_features: D.
        num_classes: C.
        scale: of a cosine classifier; a linear one does not read it.

    Raises:
        ConfigError: no such type, or a number is outside its range.
    """
    require_choice("classifier_type", classifier_type, get_args(ClassifierType))
    if classifier_type == "cosine":
        return CosineClassifier(num_features, num_classes, scale)
    return LinearClassifier(num_features, num_classes)


def _require_sizes(num_features: int, num_classes: int) -> None:
    require_whole("num_features", num_features, at_least=1)
    require_whole("num_classes", num_classes, at_least=1)
