"""A saved classifier whose scores are probabilities: temperature and assumed class prior."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from decouple.classifier import Classifier
from decouple.errors import DataError
from decouple.evaluation.log_probabilities import log_probabilities
from decouple.evaluation.temperature import fit_group_temperatures, fit_temperature
from decouple.files.run_dir import RunDir
from stage2.assumed_prior import assumed_prior_of
from stage2.held_out import HeldOutLogits, read_held_out
from stage2.saved_classifiers import load_saved_classifier, require_saved


@dataclass(frozen=True, eq=False)
class CalibratedClassifier:
    """A classifier with its temperature and the class prior that its probabilities assume.

    Attributes:
        name: entry of stage two, or none for stage one's classifier.
        classifier: features -> logits.
        temperature: T; probabilities are ``softmax(logits / T)``; 1 where no held-out image could set it,
            or all of them are classified correctly.
        assumed_prior: p0, (C,), sum 1.
        held_out: what the temperature was fitted on; None: there was nothing.
    """

    name: str
    classifier: Classifier
    temperature: float
    assumed_prior: NDArray[np.float64]
    held_out: HeldOutLogits | None

    def log_probabilities(self, features: Tensor) -> NDArray[np.float64]:
        """Return ``log p(y|x)`` under the assumed prior: features (B, D) -> (B, C) float64."""
        return log_probabilities(self.classifier.logits(features), self.temperature)

    def held_out_log_probabilities(self) -> NDArray[np.float64]:
        """Return those of the held-out images, (N, C).

        Raises:
            DataError: there are none.
        """
        if self.held_out is None:
            raise DataError(f"there is no image that the classifier '{self.name}' was not fitted to")
        return log_probabilities(self.held_out.logits, self.temperature)

    def group_temperatures(self, group_counts: ArrayLike) -> NDArray[np.float64]:
        """Return the T of an image by its predicted class, (C,), one each for many, medium and few.

        A group with fewer than 30 held-out images has the temperature of all.

        Args:
            group_counts: training images per class, (C,); they define the groups.
        """
        if self.held_out is None:
            return np.full(len(self.assumed_prior), self.temperature)
        held_out, prior = self.held_out, self.assumed_prior
        fitted = fit_group_temperatures(held_out.logits, held_out.labels, group_counts, target_prior=prior)
        return np.asarray(fitted.by_class)


def load_calibrated(run: RunDir, checkpoint: str, name: str) -> CalibratedClassifier:
    """Return a saved classifier of a run with its temperature, fitted under the prior that it assumes.

    Args:
        run: a finished run.
        checkpoint: stage-one weights, last or best.
        name: entry of stage two, or none for stage one's classifier.

    Raises:
        ConfigError: the run has no such classifier.
        RunError: a file is missing or damaged, or belongs to other weights.
    """
    require_saved(run, checkpoint, name)
    prior, held_out = assumed_prior_of(run, checkpoint, name), read_held_out(run, checkpoint, name)
    temperature = 1.0
    if held_out is not None:
        temperature = fit_temperature(held_out.logits, held_out.labels, target_prior=prior).applied
    return CalibratedClassifier(name, load_saved_classifier(run, checkpoint, name), temperature, prior, held_out)
