"""NCM: the class whose mean feature is nearest."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from decouple.classifier import Classifier
from decouple.datasets.data import TRAIN
from decouple.errors import DataError
from decouple.files.features import Features
from stage2.fit_result import FitResult, Splits

COSINE_SCALE = 30.0  # makes probabilities of cosines; no prediction depends on it


@dataclass(frozen=True, kw_only=True)
class NearestClassMean:
    """Nearest class mean, as a classifier whose logits order the classes by nearness.

    cosine: ``cos(m_j, f)``; euclidean: ``-|f - m_j|^2`` up to a term without j; cl2n: the same for features from which
    the mean of all training features is taken before they are L2-normalised.

    Source: Kang et al., ICLR 2020, arXiv:1910.09217, section 4.2 (cosine, euclidean); Wang et al., SimpleShot, 2019,
    arXiv:1911.04623 (cl2n).
    Use: very few images a class, or features of a foundation model.
    """

    metric: str = "cosine"

    def fit(self, classifier: Classifier, splits: Splits) -> FitResult:
        """Return the class means as a classifier; of `classifier` only the number of classes is used.

        Raises:
            DataError: a class has no training image.
        """
        train, num_classes = splits[TRAIN], len(classifier.weight)
        if self.metric == "cosine":
            return FitResult(Classifier("cosine", class_means(train, num_classes), scale=COSINE_SCALE))
        if self.metric == "euclidean":
            means = class_means(train, num_classes)
            return FitResult(Classifier("linear", 2 * means, -means.square().sum(dim=1)))
        total = sum((rows.double().sum(dim=0) for rows, _ in train.chunks()), torch.zeros(1, dtype=torch.float64))
        centre = (total / len(train.labels)).float()
        means = class_means(train, num_classes, lambda rows: F.normalize(rows - centre, dim=1))
        return FitResult(Classifier("centred", 2 * means, -means.square().sum(dim=1), centre=centre))


def class_means(train: Features, num_classes: int, changed: Callable[[Tensor], Tensor] = lambda rows: rows) -> Tensor:
    """Return the mean feature of each class, (C, D), read part by part; `changed` is applied to rows (B, D) before.

    Raises:
        DataError: a class has no image.
    """
    counts = torch.bincount(train.labels, minlength=num_classes)
    empty = (counts == 0).nonzero().flatten().tolist()
    if empty:  # a mean of zeros could be the nearest one
        raise DataError(f"no training image for classes {empty} of {num_classes}; ncm needs one in each")
    sums = torch.zeros(num_classes, train.stored.shape[1])
    for rows, labels in train.chunks():
        sums.index_add_(0, labels, changed(rows))
    return sums.div_(counts[:, None])
