"""LAS: one factor per class, learned under a loss that smooths the labels of large classes more."""

from dataclasses import dataclass
from typing import ClassVar

from decouple.classifier import Classifier
from stage2.fit_inputs import training_split
from stage2.fit_loop import FitSettings
from stage2.fit_result import FeatureSplits, FitResult
from stage2.methods.lws import fit_scales


@dataclass(frozen=True, kw_only=True)
class LabelAwareScaling(FitSettings):
    """Label-aware smoothing with a learned scale: lws under the loss `label_aware_smoothing`.

    Here the classifier itself is fixed. The public code also goes on training it, at a fraction `lr_factor` of the
    learning rate: 0.5 / 0.2 / 0.2 for CIFAR-10 with imbalance ratio 100 / 50 / 10, 0.2 / 0.1 / 0.1 for CIFAR-100, and
    0.05 for the large data sets.

    Source: Zhong et al., CVPR 2021, arXiv:2104.00466 (MiSLAS), section 3.2.
    Use: calibrated probabilities, best after mixup in stage one.

    Raises:
        ConfigError: a setting is outside its range.

    Example:
        One step from factors of 1, as in the example of lws: both classes have the same count, so no label is smoothed.

        >>> import torch
        >>> from decouple.files.features import Features
        >>> classifier = Classifier("linear", torch.eye(2))
        >>> train = Features(torch.eye(2), torch.tensor([0, 1]))
        >>> method = LabelAwareScaling(sampler="instance", epochs=1, lr=1.0, weight_decay=0.0)
        >>> method.fit(classifier, {"train": train}).classifier.weight
        tensor([[1.1345, 0.0000],
                [0.0000, 1.1345]])
    """

    needs_classifier: ClassVar[bool] = True

    loss: str = "label_aware_smoothing"

    def fit(self, classifier: Classifier, splits: FeatureSplits) -> FitResult:
        """Return stage one's classifier with each row scaled.

        Raises:
            DataError: see `training_split`; or a class has no training image.
            IncompatibleMethodError: another loss is set that needs cosines, and stage one's classifier is linear.
            DecoupleError: the training diverged.
        """
        return FitResult(fit_scales(classifier, training_split(classifier, splits), self, "las"))
