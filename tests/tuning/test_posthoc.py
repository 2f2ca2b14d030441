"""What a trial's features are worth with each method, on heads and features small enough to work out by hand."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from decouple.classifier import Classifier
from decouple.errors import ConfigError, DataError
from decouple.files.features import Features
from stage2.methods.crt import ClassifierRetraining
from stage2.methods.knn import NearestNeighbours
from stage2.methods.logit_adjust import LogitAdjust
from stage2.methods.ncm import NearestClassMean
from stage2.methods.tau import TauNorm
from stage2.methods.unchanged import Unchanged
from tuning.posthoc import TrialFeatures, best_result, method_result, posthoc_methods
from tuning.search_spec import TrialDivergedError

TAIL = np.array([1])
AXES = Features(torch.eye(2), torch.tensor([0, 1]))  # class 0 lies along the first axis, class 1 along the second
BLIND = Classifier("linear", torch.tensor([[1.0, 0.0], [1.0, 0.0]]))  # takes everything for class 0, whatever tau
BOTH: dict[str, Any] = {"tau": TauNorm(), "ncm": NearestClassMean()}


def _judged(rows: list[list[float]], labels: list[int]) -> Features:
    return Features(torch.tensor(rows), torch.tensor(labels))


def _steep() -> TrialFeatures:
    """Weights of norms 4 and 1; an image (1, 4^p) is taken for class 0 where tau < 1 - p: p is 0.21 and 0.69."""
    classifier = Classifier("linear", torch.tensor([[4.0, 0.0], [0.0, 1.0]]))
    return TrialFeatures(classifier, AXES, _judged([[1.0, 4**0.21], [1.0, 4**0.69]], [0, 1]))


def test_tau_wins_where_norms_are_the_trouble() -> None:
    # tau is right on both from 0.31 to 0.79. Both lie nearer to the second axis, so that ncm is wrong on class 0.
    result = best_result([_steep()], BOTH, TAIL)
    assert (result.balanced, result.tail, result.posthoc) == (100, 100, {"method": "tau", "tau": 0.32})
    assert method_result([_steep()], NearestClassMean(), TAIL).balanced == 50


def test_ncm_wins_where_the_classifier_is_blind() -> None:
    part = TrialFeatures(BLIND, AXES, _judged([[1.0, 0.1], [0.1, 1.0]], [0, 1]))
    result = best_result([part], BOTH, TAIL)
    assert (result.balanced, result.tail, result.posthoc) == (100, 100, {"method": "ncm"})
    assert method_result([part], TauNorm(), TAIL).balanced == 50


def test_logit_adjustment_is_solved_from_the_labels_of_the_training_images_alone() -> None:
    # Shares 3/4 and 1/4 move the difference of the logits by tau ln 3. Differences 1 (class 1) and 1.5 (class 0) come
    # out right for 1 / ln 3 = 0.91 < tau < 1.5 / ln 3 = 1.37. Norms of 1 leave tau-normalisation nothing to do.
    train = Features(torch.empty(4, 0), torch.tensor([0, 0, 0, 1]))
    part = TrialFeatures(Classifier("linear", torch.eye(2)), train, _judged([[1.0, 0.0], [1.5, 0.0]], [1, 0]))
    result = best_result([part], {"none": Unchanged(), "tau": TauNorm(), "logit_adjust": LogitAdjust()}, TAIL)
    assert (result.balanced, result.posthoc) == (100, {"method": "logit_adjust", "tau": 0.92})


def test_every_knob_that_turns_without_a_fit_is_solved() -> None:
    # Class 0 has 1 training image, class 1 has 3. The nearest to (1, 0.15) is (1, 0.2), of class 1. Among the nearest 3
    # is that of class 0, whose vote counts three times: 1 exp(0.989 / 0.07) against 1/3 exp(0.999 / 0.07) and less.
    train = _judged([[1.0, 0.0], [1.0, 0.2], [0.0, 1.0], [0.0, 1.0]], [0, 1, 1, 1])
    part = TrialFeatures(BLIND, train, _judged([[1.0, 0.15], [0.0, 1.0]], [0, 1]))
    result = best_result([part], {"knn": NearestNeighbours()}, TAIL)
    assert (result.balanced, result.posthoc) == (100, {"method": "knn", "k": 3})


def test_of_equal_methods_the_better_tail_then_the_one_named_first() -> None:
    # Both images lie near the second axis: ncm takes both for class 1, the blind classifier for class 0.
    part = TrialFeatures(BLIND, AXES, _judged([[0.1, 1.0], [0.1, 1.0]], [0, 1]))
    result = best_result([part], BOTH, TAIL)
    assert (result.balanced, result.tail, result.posthoc) == (50, 100, {"method": "ncm"})
    for first, second in (("none", "tau"), ("tau", "none")):
        methods = posthoc_methods((first, second), keep_bias=False, seed=0)
        assert best_result([part], methods, TAIL).posthoc["method"] == first


def test_tau_alone_is_told_as_ever() -> None:
    assert best_result([_steep()], {"tau": TauNorm()}, TAIL).posthoc == {"tau": 0.32}
    assert best_result([_steep()], {"ncm": NearestClassMean()}, TAIL).posthoc == {"method": "ncm"}


def test_each_fold_fits_to_its_own_training_images() -> None:
    # The second fold's training labels are swapped: both of its images come out wrong, both of the first's right.
    evaluated = _judged([[1.0, 0.1], [0.1, 1.0]], [0, 1])
    swapped = Features(AXES.stored, AXES.labels.flip(0))
    parts = [TrialFeatures(BLIND, AXES, evaluated), TrialFeatures(BLIND, swapped, evaluated)]
    result = best_result(parts, {"ncm": NearestClassMean()}, TAIL)
    assert (result.balanced, result.tail) == (50, 50)


def test_a_method_whose_training_diverges_is_left_out_of_the_trial() -> None:
    diverging = ClassifierRetraining(lr=1e38, epochs=3)
    part = TrialFeatures(BLIND, AXES, _judged([[1.0, 0.1], [0.1, 1.0]], [0, 1]))
    assert best_result([part], {"crt": diverging, "none": Unchanged()}, TAIL).posthoc == {"method": "none"}
    with pytest.raises(TrialDivergedError, match="infinite or not a number"):
        best_result([part], {"crt": diverging}, TAIL)


def test_a_class_without_training_images_is_an_error_and_no_bad_trial() -> None:
    part = TrialFeatures(BLIND, _judged([[1.0, 0.0]], [0]), _judged([[1.0, 0.1]], [0]))
    with pytest.raises(DataError, match=r"no training image for classes \[1\]"):
        best_result([part], BOTH, TAIL)


@pytest.mark.parametrize("broken", ["classifier", "train", "judged"])
def test_what_is_not_finite_is_noticed(broken: str) -> None:
    def rows(name: str) -> Tensor:
        return torch.full((2, 2), torch.nan if name == broken else 1.0)

    labels = torch.tensor([0, 1])
    part = TrialFeatures(
        Classifier("linear", rows("classifier")), Features(rows("train"), labels), Features(rows("judged"), labels)
    )
    assert not part.finite
    assert _steep().finite


def test_methods_have_the_defaults_of_stage_two_and_the_seed_of_the_run() -> None:
    result = posthoc_methods(("tau", "crt", "ncm"), keep_bias=True, seed=7)
    assert result == {"tau": TauNorm(keep_bias=True), "crt": ClassifierRetraining(seed=7), "ncm": NearestClassMean()}
    with pytest.raises(ConfigError, match=r"unknown stage-2 method 'nmc'. Did you mean 'ncm'\?"):
        posthoc_methods(("tau", "nmc"), keep_bias=False, seed=0)
