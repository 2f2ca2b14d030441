"""Backbone and classifier together, and their weights on disk."""

from typing import Self

import torch
from torch import Tensor, nn

from decouple.checks import require_shape
from decouple.errors import DataError
from decouple.precision import autocast
from decouple.seeding import derive_seed
from decouple.torch_rng import isolated_rng
from stage1.backbones.build import make_backbone
from stage1.classifier import ClassifierModule, loss_logits, make_classifier
from stage1.settings import Stage1Config


class Network(nn.Module):
    """Backbone and classifier: what stage one trains.

    The backbone runs in bfloat16 where `bf16` is set; its features, the classifier and all weights stay float32. The
    modules in `frozen` stay in evaluation mode, see `stage1.trained_part`. Where the backbone is `nn.Identity`, the
    network takes features (B, D) in place of images, see `stage1.feature_training`.
    """

    frozen: tuple[nn.Module, ...]

    def __init__(self, backbone: nn.Module, classifier: ClassifierModule, *, bf16: bool = False) -> None:
        super().__init__()
        self.backbone, self.classifier, self.bf16 = backbone, classifier, bf16
        self.frozen = ()

    def train(self, mode: bool = True) -> Self:
        """Set training or evaluation mode, except of the frozen modules."""
        super().train(mode)
        for module in self.frozen:
            module.eval()
        return self

    def forward(self, images: Tensor, logit_type: str = "linear") -> tuple[Tensor, Tensor]:
        """Return logits (B, C) and features (B, D) of images (B, 3, H, W); `logit_type`: see `loss_logits`."""
        features = self.features(images)
        return loss_logits(self.classifier, features, logit_type), features

    def features(self, images: Tensor, backbone: nn.Module | None = None) -> Tensor:
        """Return float32 features (B, D) of images (B, 3, H, W); `backbone`: another form of it, such as a fused one.

        Raises:
            DataError: the images have another shape, or are on another device than the network.
        """
        if isinstance(self.backbone, nn.Identity):
            require_shape("features", images, ("B", "D"))
            return images
        if images.ndim != 4 or images.shape[1] != 3:
            require_shape("images", images, ("B", 3, "H", "W"))
        device = self.classifier.weight.device
        if images.device != device:
            raise DataError(f"`images` must be on {device} as the network is, got {images.device}; move one of them")
        with autocast(images.device, self.bf16):
            features: Tensor = (backbone or self.backbone)(images)
        return features.float()


def make_network(
    config: Stage1Config, image_size: int, num_classes: int, classifier_type: str, scale: float, *, bf16: bool = False
) -> Network:
    """Return a new network; the seed of the settings fixes its random start.

    Args:
        config: model, pretrained weights and seed.
        image_size: height (= width) in pixels.
        num_classes: C.
        classifier_type: linear or cosine.
        scale: of a cosine classifier.
        bf16: see `Network`.

    Raises:
        ConfigError: see `make_backbone` and `make_classifier`.
    """
    with isolated_rng(torch.device("cpu")) as seed:  # the initialisers of torch and timm draw from the global generator
        seed(derive_seed(config.seed, "initialisation"))
        backbone = make_backbone(
            config.model, image_size, config.pretrained, drop_rate=config.drop_rate, drop_path=config.drop_path
        )
        width: int = backbone.num_features  # type: ignore[assignment]
        return Network(backbone, make_classifier(classifier_type, width, num_classes, scale), bf16=bf16)
