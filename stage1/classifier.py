"""The last layer: from features to logits."""

import torch
from torch import Tensor, nn

from decouple.head import Head


class LinearClassifier(nn.Linear):
    """``z = W f + b``, initialised as torch does for a linear layer."""

    def head(self) -> Head:
        """Return the weights as plain tensors that later training does not change."""
        return Head("linear", self.weight.detach().clone(), self.bias.detach().clone())


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
        return Head("cosine", self.weight, scale=self.scale).logits(features)

    def head(self) -> Head:
        """Return the weights as plain tensors that later training does not change."""
        return Head("cosine", self.weight.detach().clone(), scale=self.scale)


Classifier = LinearClassifier | CosineClassifier


def make_classifier(kind: str, num_features: int, num_classes: int, scale: float) -> Classifier:
    """Return a new classifier; `kind` is linear or cosine."""
    if kind == "cosine":
        return CosineClassifier(num_features, num_classes, scale)
    return LinearClassifier(num_features, num_classes)
