"""cRT: train a new classifier on class-balanced draws of frozen features."""

from dataclasses import dataclass
from typing import ClassVar

import torch

from decouple.classifier import Classifier
from decouple.files.features import Features
from decouple.seeding import derive_seed
from decouple.torch_rng import isolated_rng
from stage1.classifier import loss_logits, make_classifier
from stage1.losses.loss import Loss
from stage2.fit_inputs import training_split
from stage2.fit_loop import FitSettings, fit_on_features
from stage2.fit_result import FeatureSplits, FitResult


@dataclass(frozen=True, kw_only=True)
class ClassifierRetraining(FitSettings):
    """Classifier re-training: a fresh classifier of stage one's type, trained with another sampler.

    A loss that needs cosines gets a cosine classifier with its own scale, whatever stage one had.

    Source: Kang et al., ICLR 2020, arXiv:1910.09217, section 4.1.
    Use: enough images to train a classifier: the first method to try.

    Raises:
        ConfigError: a setting is outside its range.

    Example:
        Two features that differ are told apart after ten steps, one an epoch.

        >>> from decouple.files.features import Features
        >>> shape = Classifier("linear", torch.zeros(2, 2), torch.zeros(2))
        >>> train = Features(torch.tensor([[2.0, 0.0], [0.0, 2.0]]), torch.tensor([0, 1]))
        >>> classifier = ClassifierRetraining(epochs=10).fit(shape, {"train": train}).classifier
        >>> classifier.logits(train.features).argmax(dim=1)
        tensor([0, 1])
    """

    needs_classifier: ClassVar[bool] = False
    searchable: ClassVar[bool] = True

    def fit(self, classifier: Classifier, splits: FeatureSplits) -> FitResult:
        """Return the new classifier; of `classifier` only its type, scale and shape are used.

        Raises:
            DataError: see `training_split`; or a class has no training image.
            DecoupleError: the training diverged.
        """
        train = training_split(classifier, splits)
        return FitResult(retrain(classifier, train, self, self.make_loss(train, len(classifier.weight))))


def retrain(classifier: Classifier, train: Features, settings: FitSettings, loss: Loss) -> Classifier:
    """Return a new classifier, trained under the loss; of `classifier` only its type, scale and shape are used."""
    num_classes, width = classifier.weight.shape
    cosine = loss.classifier == "cosine"
    classifier_type, scale = ("cosine", loss.scale) if cosine else (classifier.kind, classifier.scale)
    with isolated_rng(torch.device("cpu")) as seed:
        seed(derive_seed(settings.seed, "crt"))
        module = make_classifier(classifier_type, width, num_classes, scale)
    fit_on_features(
        module.parameters(),
        lambda features: loss_logits(module, features, loss.classifier),
        train,
        loss,
        settings,
    )
    return module.as_tensors()
