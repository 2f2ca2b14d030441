"""cRT: train a new classifier on class-balanced draws of frozen features."""

from dataclasses import dataclass

import torch

from decouple.classifier import Classifier
from decouple.datasets.data import TRAIN
from decouple.seeding import derive_seed
from decouple.torch_rng import isolated_rng
from stage1.classifier import loss_logits, make_classifier
from stage2.fit_loop import FitSettings, fit_on_features
from stage2.fit_result import FitResult, Splits


@dataclass(frozen=True, kw_only=True)
class ClassifierRetraining(FitSettings):
    """Classifier re-training: a fresh classifier of stage one's kind, trained with another sampler.

    A loss that needs cosines gets a cosine classifier with its own scale, whatever stage one had.

    Source: Kang et al., ICLR 2020, arXiv:1910.09217, section 4.1.
    Use: enough images to train a classifier: the first method to try.
    """

    def fit(self, classifier: Classifier, splits: Splits) -> FitResult:
        """Return the new classifier; `classifier` gives only its kind, scale and shape."""
        train, (num_classes, width) = splits[TRAIN], classifier.weight.shape
        loss = self.loss_for(train, num_classes)
        kind, scale = ("cosine", loss.scale) if loss.classifier == "cosine" else (classifier.kind, classifier.scale)
        with isolated_rng(torch.device("cpu")) as seed:
            seed(derive_seed(self.seed, "crt"))
            module = make_classifier(kind, width, num_classes, scale)
        fit_on_features(
            module.parameters(),
            lambda rows: loss_logits(module, rows, loss.classifier),
            train,
            loss,
            self,
        )
        return FitResult(module.as_tensors())
