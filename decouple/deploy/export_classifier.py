"""A classifier of any kind as a module whose tensors are buffers, in operations that exporters know."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from decouple.classifier import Alignment, Classifier, cosine_logits
from decouple.neighbour_vote import vote


class ExportClassifier(nn.Module):
    """The logits of a `Classifier`, for batches of any size.

    It differs from `Classifier.logits` in one respect: neighbours are searched among all stored features together, not
    block by block, since the number of blocks of an exported program cannot depend on its input.

    Args:
        classifier: any kind; its tensors are copied.

    Example:
        >>> module = ExportClassifier(Classifier("linear", torch.tensor([[3.0, 4.0], [0.0, 2.0]])))
        >>> module(torch.tensor([[1.0, 2.0]]))
        tensor([[11.,  4.]])
    """

    weight: Tensor
    bias: Tensor | None
    centre: Tensor | None
    labels: Tensor
    class_weights: Tensor
    factors: Tensor
    shifts: Tensor
    gate: Tensor
    gate_bias: Tensor

    def __init__(self, classifier: Classifier) -> None:
        super().__init__()
        self.kind, self.scale, self.aligned, self.k = classifier.kind, classifier.scale, False, 0
        for name in ("weight", "bias", "centre"):
            tensor = getattr(classifier, name)
            self.register_buffer(name, None if tensor is None else tensor.detach().clone())
        if classifier.neighbours is not None:
            self.k = min(classifier.neighbours.k, len(classifier.weight))
            self.register_buffer("labels", classifier.neighbours.labels.clone())
            self.register_buffer("class_weights", classifier.neighbours.class_weights.clone())
        if classifier.alignment is not None:
            self.aligned = True
            for name in ("factors", "shifts", "gate", "gate_bias"):
                self.register_buffer(name, getattr(classifier.alignment, name).detach().clone())

    def forward(self, features: Tensor) -> Tensor:
        """Return logits: features (B, D) float32 -> (B, C)."""
        logits = self._plain(features)
        if not self.aligned:
            return logits
        return Alignment(self.factors, self.shifts, self.gate, self.gate_bias).applied(logits, features)

    def _plain(self, features: Tensor) -> Tensor:
        if self.kind == "neighbours":
            return self._votes(features)
        if self.kind == "cosine":
            logits = cosine_logits(features, self.weight, self.scale)
            return logits if self.bias is None else logits + self.bias
        if self.centre is not None:
            features = F.normalize(features - self.centre, dim=1)
        return F.linear(features, self.weight, self.bias)

    def _votes(self, features: Tensor) -> Tensor:
        cosines, indices = torch.topk(F.normalize(features, dim=1) @ self.weight.to(features.dtype).T, self.k, dim=1)
        return vote(cosines, self.labels[indices], self.class_weights, self.scale)
