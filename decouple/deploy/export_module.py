"""A run as one module: from the pixels of images to calibrated probabilities under a class prior."""

import torch
from torch import Tensor, nn

from decouple.checks import require_number, require_shape
from decouple.classifier import Classifier
from decouple.deploy.export_classifier import ExportClassifier
from stage1.normalization import Normalization

INPUT = "pixels"
OUTPUTS = ("probabilities", "log_probabilities")


class ExportModule(nn.Module):
    """Normalization, backbone, classifier, temperature and prior shift, with everything in parameters and buffers.

    ``log p(y|x) = log_softmax(z / T + o)`` with the logits z, temperature T and ``o = log q - log p0``, where p0 is the
    prior that the classifier assumes and q the one of its use.

    Args:
        backbone: images (B, 3, S, S) -> features (B, D), in evaluation mode.
        classifier: of those features.
        normalization: mean and standard deviation of each channel, on the scale 0..1.
        temperature: T, above 0.
        offset: o, (C,); a class of -infinity is never predicted.

    Raises:
        ConfigError: the temperature is not above 0.
        DataError: the offset has another shape.

    Example:
        >>> identity = Classifier("linear", torch.eye(3))
        >>> statistics = Normalization((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
        >>> backbone = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
        >>> module = ExportModule(backbone, identity, statistics, temperature=0.5, offset=torch.zeros(3))
        >>> red = torch.tensor([255, 0, 0], dtype=torch.uint8).expand(1, 2, 2, 3)
        >>> module(red)[0]  # e^2 : 1 : 1
        tensor([[0.7870, 0.1065, 0.1065]])
    """

    bias: Tensor
    factor: Tensor
    offset: Tensor

    def __init__(
        self,
        backbone: nn.Module,
        classifier: Classifier,
        normalization: Normalization,
        *,
        temperature: float,
        offset: Tensor,
    ) -> None:
        super().__init__()
        require_number("temperature", temperature, above=0)
        self.backbone, self.classifier, self.temperature = backbone, ExportClassifier(classifier), temperature
        classes = len(classifier.weight if classifier.neighbours is None else classifier.neighbours.class_weights)
        require_shape("offset", offset, (classes,))
        mean, std = (torch.tensor(values, dtype=torch.float64) for values in (normalization.mean, normalization.std))
        self.register_buffer("bias", (-mean / std).float())
        self.register_buffer("factor", (1 / (255 * std)).float())
        self.register_buffer("offset", offset.float())

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Return probabilities and log-probabilities, float32 (B, C) each, of uint8 pixels (B, S, S, 3) in RGB."""
        logits = self.classifier(self.backbone(self.normalized(pixels)).float())
        log_probs = torch.log_softmax(logits / self.temperature + self.offset, dim=1)
        return log_probs.exp(), log_probs

    def normalized(self, pixels: Tensor) -> Tensor:
        """Return float32 images (B, 3, S, S), as the backbone reads them, of uint8 pixels (B, S, S, 3)."""
        return torch.addcmul(self.bias, pixels.float(), self.factor).permute(0, 3, 1, 2)
