"""A stage-two method as an estimator of scikit-learn: features and labels of any origin in, predictions out."""

from typing import Any, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from decouple.classifier import Classifier
from decouple.datasets.data import TRAIN
from decouple.errors import ConfigError, DataError
from decouple.files.features import Features
from stage2.method import Method
from stage2.methods.crt import ClassifierRetraining
from stage2.methods.tau import TauNorm
from stage2.selection import SelectionRule, choose


class FeatureClassifier(ClassifierMixin, BaseEstimator):
    """A stage-two method on features (N, D), with `fit`, `predict`, `predict_proba` and `score` as in scikit-learn.

    A hyper-parameter that the method leaves open (tau of `TauNorm()`, k of `NearestNeighbours()`) is chosen by balanced
    accuracy in stratified folds of the training data.

    Args:
        method: any of `stage2.methods.METHODS`; default: `TauNorm()`.
        weight: class weights (C, D) of stage one, rows in the order of the sorted labels; default: a linear classifier
            is trained first, with cross-entropy on the data as they are.
        bias: (C,) of stage one.
        folds: for the choice of an open hyper-parameter, 2 or more; at most the images of the smallest class are used.
        seed: of the folds, and of the first classifier.

    Attributes:
        classes_: the C labels, sorted.
        method_: the method with the chosen hyper-parameter.
        classifier_: the fitted classifier, on the CPU.

    Example:
        >>> features, labels = np.array([[2.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 2.0]]), ["a", "a", "b", "b"]
        >>> FeatureClassifier(TauNorm(tau=1.0)).fit(features, labels).predict([[0.5, 3.0], [3.0, 0.5]])
        array(['b', 'a'], dtype='<U1')
    """

    def __init__(
        self,
        method: Method | None = None,
        *,
        weight: ArrayLike | None = None,
        bias: ArrayLike | None = None,
        folds: int = 5,
        seed: int = 0,
    ) -> None:
        self.method, self.weight, self.bias, self.folds, self.seed = method, weight, bias, folds, seed

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Fit to features (N, D) and labels (N,) of any type.

        Raises:
            ValueError: X or y has another shape, is not finite, or has one class only.
            ConfigError: `weight` or `bias` do not go together; and what the method's `fit` raises.
            DataError: they do not fit the features.
        """
        features, labels = validate_data(self, X, y, dtype=np.float32, ensure_min_samples=2)
        check_classification_targets(labels)
        self.classes_, indices = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"y has 1 class, {self.classes_[0]!r}; classification needs 2 classes or more")
        splits = {TRAIN: Features(torch.from_numpy(features), torch.from_numpy(indices.astype(np.int64)))}
        method = TauNorm() if self.method is None else self.method
        first = self._first_classifier(splits[TRAIN])
        self.method_, result = choose([method], first, splits, self._rule(method, indices))
        self.classifier_ = result.classifier
        return self

    def decision_function(self, X: ArrayLike) -> NDArray[np.float32]:
        """Return the logits of features (N, D): (N, C), or of two classes (N,), the second less the first."""
        logits = self._logits(X)
        return logits if len(self.classes_) > 2 else logits[:, 1] - logits[:, 0]

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float32]:
        """Return the softmax of the logits, (N, C); it is not calibrated."""
        probabilities: NDArray[np.float32] = torch.from_numpy(self._logits(X)).softmax(dim=1).numpy()
        return probabilities

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the label with the highest logit, of equal ones the first, (N,)."""
        labels: NDArray[Any] = self.classes_[self._logits(X).argmax(axis=1)]
        return labels

    def _logits(self, X: ArrayLike) -> NDArray[np.float32]:
        check_is_fitted(self)
        features = validate_data(self, X, dtype=np.float32, reset=False)
        logits: NDArray[np.float32] = self.classifier_.logits(torch.from_numpy(features)).numpy()
        return logits

    def _first_classifier(self, train: Features) -> Classifier:
        num_classes, width = len(self.classes_), train.stored.shape[1]
        if self.weight is None:
            if self.bias is not None:
                raise ConfigError("`bias` goes with `weight`; give both, or none")
            shape = Classifier("linear", torch.zeros(num_classes, width), torch.zeros(num_classes))
            return ClassifierRetraining(sampler="instance", seed=self.seed).fit(shape, {TRAIN: train}).classifier
        weight = torch.from_numpy(np.asarray(self.weight, dtype=np.float32))
        if weight.shape != (num_classes, width):
            raise DataError(f"`weight` must have shape ({num_classes}, {width}), got {tuple(weight.shape)}")
        bias = None if self.bias is None else torch.from_numpy(np.asarray(self.bias, dtype=np.float32))
        return Classifier("linear", weight, bias)

    def _rule(self, method: Method, labels: NDArray[np.int64]) -> SelectionRule:
        """Return how an open hyper-parameter is chosen; a method without one is fitted once."""
        open_choice = getattr(method, getattr(method, "hyperparameter", ""), 0) is None
        smallest = int(np.bincount(labels).min())
        if open_choice and smallest < 2:
            raise DataError(
                "a class has one image, so folds cannot hold one out; set the hyper-parameter, as in TauNorm(tau=1.0)"
            )
        return SelectionRule(folds=min(self.folds, smallest) if open_choice else 0, seed=self.seed)
