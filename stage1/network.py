"""Backbone and classifier together, and their weights on disk."""

import torch
from torch import Tensor, nn

from decouple.seeding import derive_seed
from stage1.backbones.build import make_backbone
from stage1.classifier import Classifier, make_classifier
from stage1.settings import Stage1Config


class Network(nn.Module):
    """What stage one trains."""

    def __init__(self, backbone: nn.Module, classifier: Classifier) -> None:
        super().__init__()
        self.backbone, self.classifier = backbone, classifier

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits (B, C) and features (B, D) of images (B, 3, H, W)."""
        features = self.backbone(images)
        return self.classifier(features), features


def make_network(config: Stage1Config, image_size: int, num_classes: int) -> Network:
    """Return the network that the settings ask for, its random start fixed by their seed.

    Raises:
        ConfigError: see `make_backbone`.
    """
    with torch.random.fork_rng(devices=[]):  # the initialisers of torch and timm draw from the global generator
        torch.manual_seed(derive_seed(config.seed, "initialisation"))
        backbone = make_backbone(config.model, image_size, config.pretrained)
        kind = "linear" if config.classifier == "auto" else config.classifier
        width: int = backbone.num_features  # type: ignore[assignment]
        return Network(backbone, make_classifier(kind, width, num_classes, config.cosine_scale))
