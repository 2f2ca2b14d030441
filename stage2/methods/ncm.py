"""NCM: the class whose mean feature is nearest."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from decouple.classifier import Classifier
from decouple.errors import DataError
from decouple.files.features import Features
from stage2.fit_inputs import require_finite, training_split
from stage2.fit_result import FeatureSplits, FitResult
from stage2.hyperparameter_checks import require_hyperparameters
from stage2.method import PriorSource

COSINE_SCALE = 30.0  # makes probabilities of cosines; no prediction depends on it


@dataclass(frozen=True, kw_only=True)
class NearestClassMean:
    """Nearest class mean, as a classifier whose logits order the classes by nearness.

    cosine: ``cos(m_j, f)``; euclidean: ``-|f - m_j|^2`` up to a term without j; cl2n: the same for features from which
    the mean of all training features is taken before they are L2-normalised. m_j is the mean of the features as they
    are; the code of Kang et al. averages L2-normalised features for its cosine, and its default is cl2n.

    Source: Kang et al., ICLR 2020, arXiv:1910.09217, section 4.2 (cosine, euclidean); Wang et al., SimpleShot, 2019,
    arXiv:1911.04623 (cl2n).
    Use: very few images a class, or features of a foundation model.

    Raises:
        ConfigError: no such metric.

    Example:
        Class 0 has the mean (2, 0), class 1 (0, 2); the logits are 2 m_j f - |m_j|^2.

        >>> shape = Classifier("linear", torch.zeros(2, 2))
        >>> train = Features(torch.tensor([[1.0, 0.0], [3.0, 0.0], [0.0, 2.0]]), torch.tensor([0, 0, 1]))
        >>> classifier = NearestClassMean(metric="euclidean").fit(shape, {"train": train}).classifier
        >>> classifier.logits(torch.tensor([[1.0, 3.0]]))
        tensor([[0., 8.]])
    """

    needs_classifier: ClassVar[bool] = False
    reads_features: ClassVar[bool] = True
    trained: ClassVar[bool] = False
    has_weight_norms: ClassVar[bool] = True  # its rows are means of features
    prior: ClassVar[PriorSource] = "uniform"
    searchable: ClassVar[bool] = False

    metric: str = "cosine"

    def __post_init__(self) -> None:
        require_hyperparameters(self)

    def fit(self, classifier: Classifier, splits: FeatureSplits) -> FitResult:
        """Return the class means as a classifier; of `classifier` only the number of classes is used.

        Raises:
            DataError: a class has no training image; see also `training_split`.
        """
        train, num_classes = training_split(classifier, splits), len(classifier.weight)
        if self.metric == "cosine":
            return FitResult(Classifier("cosine", class_means(train, num_classes), scale=COSINE_SCALE))
        if self.metric == "euclidean":
            means = class_means(train, num_classes)
            return FitResult(Classifier("linear", 2 * means, -means.square().sum(dim=1)))
        centre = _mean(train)
        means = class_means(train, num_classes, lambda features: F.normalize(features - centre, dim=1))
        return FitResult(Classifier("centred", 2 * means, -means.square().sum(dim=1), centre=centre))


def class_means(
    train: Features, num_classes: int, transform: Callable[[Tensor], Tensor] = lambda features: features
) -> Tensor:
    """Return the mean feature of each class, (C, D), read chunk by chunk; `transform` maps features (B, D) before.

    Raises:
        DataError: a class has no image, or a feature that is not finite.
    """
    counts = torch.bincount(train.labels, minlength=num_classes)
    empty = (counts == 0).nonzero().flatten().tolist()
    if empty:  # a mean of zeros could be the nearest one
        raise DataError(f"no training image for classes {empty} of {num_classes}; ncm needs one in each")
    sums = torch.zeros(num_classes, train.stored.shape[1])
    for features, labels in train.chunks():
        sums.index_add_(0, labels, transform(features))
    require_finite(sums)
    return sums.div_(counts[:, None])


def _mean(train: Features) -> Tensor:
    """Return the mean of all features, (D,)."""
    sums = (features.double().sum(dim=0) for features, _ in train.chunks())
    return (sum(sums, torch.zeros(1, dtype=torch.float64)) / len(train.labels)).float()
