"""What every stage-two method of the table has in common, with and without a classifier of stage one."""

import dataclasses
from typing import Any, get_args

import pytest
import torch
from torch import Tensor

from decouple.classifier import Classifier
from decouple.files.features import CachedViews, Features
from stage2.fit_result import FitResult
from stage2.method import GridSearchable, Method
from stage2.methods import METHODS
from stage2.selection import SelectionRule, choose
from tuning.settings import Stage2SearchConfig

NUM_CLASSES, WIDTH = 4, 6
LABELS = torch.arange(40) % NUM_CLASSES


def _random(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


TRAIN, VAL = Features(_random(0, 40, WIDTH), LABELS), Features(_random(1, 40, WIDTH), LABELS)
CLASSIFIERS = {
    "linear": Classifier("linear", _random(2, NUM_CLASSES, WIDTH), _random(3, NUM_CLASSES)),
    "linear without bias": Classifier("linear", _random(2, NUM_CLASSES, WIDTH)),
    "cosine": Classifier("cosine", _random(2, NUM_CLASSES, WIDTH), scale=10.0),
}


def _method(name: str) -> Method:
    """Return the method with short training."""
    method = METHODS[name]()
    return dataclasses.replace(method, epochs=2) if method.trained else method  # type: ignore[call-arg]


def _fit(name: str, classifier: Classifier, train: Features = TRAIN) -> FitResult:
    return choose([_method(name)], classifier, {"train": train, "val": VAL})[1]


def _bytes(tensors: list[Tensor]) -> list[bytes]:
    return [tensor.numpy().tobytes() for tensor in tensors]


@pytest.mark.parametrize("name", METHODS)
def test_the_traits_are_flags(name: str) -> None:
    for trait in ("needs_classifier", "reads_features", "trained", "has_weight_norms", "searchable"):
        assert isinstance(getattr(METHODS[name], trait), bool), trait
        assert trait not in dataclasses.asdict(METHODS[name]()), "traits are no settings"


@pytest.mark.parametrize("classifier", CLASSIFIERS)
@pytest.mark.parametrize("name", METHODS)
def test_the_result_is_a_classifier_of_the_same_classes(name: str, classifier: str) -> None:
    stage1 = CLASSIFIERS[classifier]
    before = _bytes([stage1.weight, TRAIN.stored, VAL.stored])
    result = _fit(name, stage1)
    logits = result.classifier.logits(VAL.features)
    assert logits.shape == (40, NUM_CLASSES)
    assert logits.isfinite().all()
    assert not logits.requires_grad
    assert _bytes([stage1.weight, TRAIN.stored, VAL.stored]) == before
    assert not result.saw_validation


@pytest.mark.parametrize("name", [name for name in METHODS if not METHODS[name].needs_classifier])
def test_a_method_that_needs_no_classifier_reads_no_class_weights(name: str) -> None:
    zeros = Classifier("linear", torch.zeros(NUM_CLASSES, WIDTH), torch.zeros(NUM_CLASSES))
    one, other = (_fit(name, classifier).classifier for classifier in (CLASSIFIERS["linear"], zeros))
    assert torch.equal(one.logits(VAL.features), other.logits(VAL.features))


@pytest.mark.parametrize("name", [name for name in METHODS if METHODS[name].needs_classifier])
def test_a_method_that_needs_a_classifier_reads_its_weights(name: str) -> None:
    opposite = Classifier("linear", -CLASSIFIERS["linear"].weight, CLASSIFIERS["linear"].bias)
    one, other = (_fit(name, classifier).classifier for classifier in (CLASSIFIERS["linear"], opposite))
    assert not torch.equal(one.logits(VAL.features), other.logits(VAL.features))


@pytest.mark.parametrize("name", METHODS)
def test_a_method_reads_training_features_if_its_trait_says_so(name: str) -> None:
    without_features = Features(torch.empty(40, 0), LABELS)
    if METHODS[name].reads_features:
        one, other = (_fit(name, CLASSIFIERS["linear"], train).classifier for train in (TRAIN, VAL))
        assert not torch.equal(one.logits(VAL.features), other.logits(VAL.features))
    else:
        one, other = (_fit(name, CLASSIFIERS["linear"], train).classifier for train in (TRAIN, without_features))
        assert torch.equal(one.logits(VAL.features), other.logits(VAL.features))


@pytest.mark.parametrize("name", METHODS)
def test_views_are_drawn_by_the_trained_methods_alone(name: str) -> None:
    views = CachedViews(TRAIN.stored[:, None] + _random(4, 40, 3, WIDTH), 3)
    clean = _fit(name, CLASSIFIERS["linear"])
    viewed = _fit(name, CLASSIFIERS["linear"], dataclasses.replace(TRAIN, views=views))
    same = torch.equal(clean.classifier.logits(VAL.features), viewed.classifier.logits(VAL.features))
    assert same != METHODS[name].trained


@pytest.mark.parametrize("name", METHODS)
def test_the_same_settings_give_the_same_bits(name: str) -> None:
    torch.manual_seed(1)
    one = _fit(name, CLASSIFIERS["linear"])
    torch.manual_seed(2)  # nothing depends on the global generator
    other = _fit(name, CLASSIFIERS["linear"])
    assert torch.equal(one.classifier.logits(VAL.features), other.classifier.logits(VAL.features))


@pytest.mark.parametrize("name", METHODS)
def test_rows_are_class_weights_where_norms_are_reported(name: str) -> None:
    if METHODS[name].has_weight_norms:
        assert _fit(name, CLASSIFIERS["linear"]).classifier.weight.shape == (NUM_CLASSES, WIDTH)


@pytest.mark.parametrize("name", METHODS)
def test_only_what_was_fitted_says_that_it_saw_both_splits(name: str) -> None:
    method: Any = _method(name)
    if isinstance(method, GridSearchable):
        method = dataclasses.replace(method, **{method.hyperparameter: method.grid[0]})
    splits = {"train": TRAIN, "val": VAL}
    result = choose([method], CLASSIFIERS["linear"], splits, SelectionRule(folds=2))[1]
    assert result.saw_validation == (result.classifier is not CLASSIFIERS["linear"])


def test_the_methods_of_the_search_are_trained_ones() -> None:
    searched = get_args(Stage2SearchConfig.__dataclass_fields__["method"].type)
    assert searched
    assert all(METHODS[name].trained for name in searched)
