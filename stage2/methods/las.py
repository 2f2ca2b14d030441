"""LAS: one factor per class, learned under a loss that is less sure of large classes."""

from dataclasses import dataclass

from decouple.classifier import Classifier
from decouple.datasets.data import TRAIN
from stage2.fit_loop import FitSettings
from stage2.fit_result import FitResult, Splits
from stage2.methods.lws import fit_scales


@dataclass(frozen=True, kw_only=True)
class LabelAwareScaling(FitSettings):
    """Label-aware smoothing with a learned scale: lws under the loss `label_aware_smoothing`.

    The public code also goes on training the classifier itself, at a tenth of the learning rate; here it is fixed.

    Source: Zhong et al., CVPR 2021, arXiv:2104.00466 (MiSLAS), section 3.2.
    Use: probabilities that can be taken at their word, best after mixup in stage one.
    """

    loss: str = "label_aware_smoothing"

    def fit(self, classifier: Classifier, splits: Splits) -> FitResult:
        """Return stage one's classifier with each row scaled.

        Raises:
            DataError: a class has no training image.
            Unsuitable: another loss was asked for that needs cosines, and stage one's classifier is linear.
        """
        return FitResult(fit_scales(classifier, splits[TRAIN], self, "las"))
