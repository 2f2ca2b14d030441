"""The last layer: from features to logits."""

import torch
from torch import Tensor, nn

from decouple.classifier import Classifier
from decouple.errors import ConfigError
from stage1.losses.loss import Loss


class LinearClassifier(nn.Linear):
    """``z = W f + b``, initialised as torch does for a linear layer."""

    def as_tensors(self) -> Classifier:
        """Return the weights as plain tensors that later training does not change."""
        return Classifier("linear", self.weight.detach().clone(), self.bias.detach().clone())


class CosineClassifier(nn.Module):
    """``z_j = scale * cos(w_j, f)``: neither the length of a feature nor that of a class weight counts.

    Source: Gidaris and Komodakis, CVPR 2018, arXiv:1804.09458.
    """

    def __init__(self, num_features: int, num_classes: int, scale: float) -> None:
        super().__init__()
        self.scale = scale
        self.weight = nn.Parameter(torch.empty(num_classes, num_features))
        nn.init.kaiming_uniform_(self.weight, a=5**0.5)

    def forward(self, features: Tensor) -> Tensor:
        """Return scaled cosines: features (B, D) -> (B, C)."""
        return Classifier("cosine", self.weight, scale=self.scale).logits(features)

    def cosines(self, features: Tensor) -> Tensor:
        """Return bare cosines in [-1, 1], for a loss with a scale of its own: features (B, D) -> (B, C)."""
        return Classifier("cosine", self.weight).logits(features)

    def as_tensors(self) -> Classifier:
        """Return the weights as plain tensors that later training does not change."""
        return Classifier("cosine", self.weight.detach().clone(), scale=self.scale)


ClassifierModule = LinearClassifier | CosineClassifier


def classifier_for(asked: str, loss: Loss, name: str, cosine_scale: float) -> tuple[str, float]:
    """Return kind and scale of the classifier that goes with a loss.

    Args:
        asked: auto, linear or cosine; auto is what the loss wants.
        loss: a cosine loss gives its own scale.
        name: the loss's, for the message.
        cosine_scale: of a cosine classifier under any other loss.

    Raises:
        ConfigError: the loss needs cosines, and the classifier is asked to be linear.
    """
    if loss.classifier == "cosine":
        if asked == "linear":
            raise ConfigError(f"--loss {name} needs the cosines of a cosine classifier; leave --classifier out")
        return "cosine", loss.scale
    return ("cosine", cosine_scale) if asked == "cosine" else ("linear", 1.0)


def loss_logits(classifier: ClassifierModule, features: Tensor, kind: str) -> Tensor:
    """Return what a loss of `kind` (linear or cosine) reads: features (B, D) -> (B, C)."""
    if kind == "cosine" and isinstance(classifier, CosineClassifier):
        return classifier.cosines(features)
    logits: Tensor = classifier(features)
    return logits


def make_classifier(kind: str, num_features: int, num_classes: int, scale: float) -> ClassifierModule:
    """Return a new classifier; `kind` is linear or cosine."""
    if kind == "cosine":
        return CosineClassifier(num_features, num_classes, scale)
    return LinearClassifier(num_features, num_classes)
