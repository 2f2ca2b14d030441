"""One battery over every stage-two method, and the other settings of stage two: nonsense is refused in one sentence."""

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from decouple.classifier import Classifier
from decouple.errors import ConfigError, DataError, DecoupleError
from decouple.files.features import Features
from decouple.neighbour_vote import NeighbourVote
from stage2.external_features_settings import ExternalFeaturesOptions
from stage2.fit_loop import FitSettings
from stage2.methods import METHODS
from stage2.momentum_sgd import MomentumSGD
from stage2.selection import SelectionRule, choose, predict_candidates
from stage2.settings import Stage2Config

NAN, INFINITE = math.nan, math.inf
CLASSIFIER = Classifier("linear", torch.eye(2))
TRAIN = Features(torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 0.5]]), torch.tensor([0, 1, 0]))

WRONG: dict[str, tuple[Any, ...]] = {  # of each field: wrong range, not finite, wrong type
    "tau": (10.5, -10.5, NAN, INFINITE, "1", True, (0.0, 1.0)),
    "k": (0, -1, 2.5, NAN, "3", True, (1, 3)),
    "keep_bias": (1, "yes", None),
    "metric": ("cosin", "", None, 1),
    "epochs": (0, 2.5, NAN, "3", None, (1, 2)),
    "batch_size": (0, -1, 2.5, None),
    "lr": (0.0, -1.0, NAN, INFINITE, "0.1", None, (0.1, 0.2)),
    "momentum": (-0.1, 1.0, 5, NAN, "0.9", None),
    "weight_decay": (-1e-9, NAN, INFINITE, "0", None),
    "norm_threshold": (-0.1, 1.1, NAN, "0", None),
    "lr_factor": (-0.1, 1.5, NAN, "1", None),
    "fixed_scale": (1, "yes", None),
    "smoothing": (-0.1, 1.0, NAN, "1", None),
    "rho": (-0.1, 4.5, NAN, "1", None),
    "seed": (0.5, NAN, "0", None),
    "precision": ("half", None, 16),
    "sampler": ("clas", "", None, 3),
    "loss": ("cee", "", None, 3),
    "sampler_options": ({"no_such": 1}, None, [1]),
    "loss_options": ({"no_such": 1}, None, [1]),
}
CASES = [
    (name, field.name, value)
    for name, method in METHODS.items()
    for field in dataclasses.fields(method)
    for value in WRONG[field.name]
]


def _one_sentence(error: DecoupleError) -> str:
    text = str(error)
    assert "\n" not in text
    assert "--" not in text
    return text


@pytest.mark.parametrize(("name", "field", "value"), CASES)
def test_a_method_refuses_a_wrong_value(name: str, field: str, value: Any) -> None:
    with pytest.raises(ConfigError) as caught:
        METHODS[name](**{field: value})
    text = _one_sentence(caught.value)
    assert field in text or f"unknown {field.removesuffix('_options')} '{value}'" in text or "no_such" in text


@pytest.mark.parametrize(
    "field", ["tau", "k", "epochs", "batch_size", "lr", "momentum", "norm_threshold", "lr_factor", "smoothing", "rho"]
)
def test_the_command_refuses_the_same_values(field: str) -> None:
    default = Stage2Config.__dataclass_fields__[field].default
    for value in WRONG[field]:
        if value is None and default is None:
            continue
        if isinstance(value, tuple):  # several values are candidates
            Stage2Config(**{field: value})
            continue
        with pytest.raises(ConfigError, match=f"^{field} must be"):
            Stage2Config(**{field: value})


BROKEN: dict[str, Callable[[], Features]] = {
    "no images": lambda: Features(torch.empty(0, 2), torch.empty(0, dtype=torch.int64)),
    "features of another width": lambda: Features(torch.ones(3, 5), TRAIN.labels),
    "features on another device": lambda: Features(TRAIN.stored.to("meta"), TRAIN.labels),
    "labels of another type": lambda: Features(TRAIN.stored, TRAIN.labels.int()),
    "a label above the classes": lambda: Features(TRAIN.stored, torch.tensor([0, 1, 2])),
    "a label below 0": lambda: Features(TRAIN.stored, torch.tensor([0, 1, -1])),
    "labels on another device": lambda: Features(TRAIN.stored, TRAIN.labels.to("meta")),
}


def _fixed(name: str) -> Any:
    """Return the method with every hyper-parameter given."""
    method: Any = METHODS[name]
    return method(**{method.hyperparameter: method.grid[1]}) if hasattr(method, "grid") else method()


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("name", METHODS)
def test_a_fit_refuses_training_images_that_do_not_go_with_the_classifier(name: str, broken: str) -> None:
    method, splits = _fixed(name), {"train": BROKEN[broken]()}
    if name in ("none", "tau") or (broken.startswith("features") and not method.reads_features):  # it is not read
        result, expected = (method.fit(CLASSIFIER, read).classifier for read in (splits, {"train": TRAIN}))
        assert torch.equal(result.logits(TRAIN.features), expected.logits(TRAIN.features))
        return
    with pytest.raises(DataError) as caught:
        method.fit(CLASSIFIER, splits)
    assert "train_" in _one_sentence(caught.value)


@pytest.mark.parametrize(
    ("stored", "labels"),
    [
        (torch.ones(2, 2), TRAIN.labels),
        (torch.ones(3), TRAIN.labels),
        (TRAIN.stored, TRAIN.labels[:, None]),
        (TRAIN.stored.long(), TRAIN.labels),
    ],
)
def test_features_of_a_wrong_shape_or_type_reach_no_method(stored: Tensor, labels: Tensor) -> None:
    with pytest.raises(DataError) as caught:
        Features(stored, labels)
    _one_sentence(caught.value)


@pytest.mark.parametrize("name", [name for name in METHODS if METHODS[name].reads_features])
def test_a_fit_needs_a_training_split(name: str) -> None:
    with pytest.raises(DataError, match=r"^splits must hold 'train', got val$"):
        _fixed(name).fit(CLASSIFIER, {"val": TRAIN})


@pytest.mark.parametrize("name", [name for name in METHODS if name != "none"])
def test_a_fit_refuses_a_classifier_without_class_weights(name: str) -> None:
    neighbours = NeighbourVote(TRAIN.labels, torch.ones(2), 1)
    with pytest.raises(DataError, match="starts from a classifier with class weights, got one of nearest neighbours"):
        _fixed(name).fit(Classifier("neighbours", TRAIN.stored, neighbours=neighbours), {"train": TRAIN})
    with pytest.raises(DataError, match="classifier is on meta; move it"):
        _fixed(name).fit(Classifier("linear", torch.eye(2, device="meta")), {"train": TRAIN})


@pytest.mark.parametrize("name", [name for name in METHODS if hasattr(METHODS[name], "grid")])
def test_a_fit_needs_a_value_of_the_hyper_parameter(name: str) -> None:
    with pytest.raises(ConfigError, match=r"must be given, or selected on held-out images by .*choose"):
        METHODS[name]().fit(CLASSIFIER, {"train": TRAIN, "val": TRAIN})


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("name", [name for name in METHODS if hasattr(METHODS[name], "grid")])
def test_a_selection_refuses_held_out_images_that_do_not_go_with_the_classifier(name: str, broken: str) -> None:
    with pytest.raises(DataError) as caught:
        predict_candidates([_fixed(name)], CLASSIFIER, TRAIN, BROKEN[broken]())
    assert "held_out_" in _one_sentence(caught.value)


def test_a_selection_needs_a_candidate() -> None:
    with pytest.raises(ConfigError, match="candidates must hold one method or more, got none"):
        choose([], CLASSIFIER, {"train": TRAIN, "val": TRAIN})


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"selection_metric": "balancd"}, "selection_metric must be one of .* Did you mean 'balanced'"),
        ({"folds": 1}, "folds must be 2 or more"),
        ({"folds": -1}, "folds must be 0 or more"),
        ({"folds": 2.5}, "folds must be a whole number"),
        ({"seed": None}, "seed must be a whole number"),
    ],
)
def test_a_rule_refuses_a_wrong_value(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        SelectionRule(**settings)


@pytest.mark.parametrize("fraction", [-0.1, 1.0, NAN, "0.1", None])
def test_external_features_refuse_a_wrong_fraction(fraction: Any) -> None:
    for name in ("val_fraction", "test_fraction"):
        with pytest.raises(ConfigError, match=f"^{name} must be"):
            ExternalFeaturesOptions(**{name: fraction})


@pytest.mark.parametrize("settings", [{"momentum": 1.0}, {"momentum": NAN}, {"weight_decay": -1.0}])
def test_the_optimizer_refuses_a_wrong_value(settings: dict[str, Any]) -> None:
    (name,) = settings
    with pytest.raises(ConfigError, match=f"^{name} must be"):
        MomentumSGD([torch.ones(2)], **{"momentum": 0.9, "weight_decay": 0.0, **settings})


def test_settings_of_a_fit_are_checked_without_a_method() -> None:
    with pytest.raises(ConfigError, match="momentum must be 0 or more and below 1, got 5"):
        FitSettings(momentum=5)


@pytest.mark.parametrize("name", ["ncm", "knn", "crt", "lws", "las", "disalign", "weight_balance"])
def test_features_that_are_not_finite_are_named(name: str) -> None:
    broken = Features(torch.full((8, 3), torch.nan), torch.arange(8) % 2)
    make: Any = METHODS[name]
    method = make(k=1) if name == "knn" else make()
    with pytest.raises(DataError, match="the features of the training images are not finite"):
        method.fit(Classifier("linear", torch.eye(3)[:2]), {"train": broken})


@pytest.mark.parametrize("name", sorted(METHODS.keys() - {"none"}))
def test_a_classifier_of_another_type_is_one_sentence(name: str) -> None:
    method: Any = METHODS[name](**{"tau": {"tau": 1.0}, "logit_adjust": {"tau": 1.0}, "knn": {"k": 1}}.get(name, {}))
    good = Features(torch.ones(4, 3), torch.arange(4) % 2)
    with pytest.raises(DataError, match="classifier must be Classifier, got NoneType"):
        method.fit(None, {"train": good})


def test_splits_and_features_of_another_type_are_one_sentence() -> None:
    classifier, method = Classifier("linear", torch.eye(3)[:2]), METHODS["crt"]()
    with pytest.raises(DataError, match="splits must be Mapping, got NoneType"):
        method.fit(classifier, None)  # type: ignore[arg-type]
    with pytest.raises(DataError, match="train must be Features, got tuple"):
        method.fit(classifier, {"train": (torch.ones(4, 3), torch.zeros(4))})  # type: ignore[dict-item]
    with pytest.raises(DataError, match="stored must be Tensor, got ndarray"):
        Features(torch.ones(4, 3).numpy(), torch.arange(4))  # type: ignore[arg-type]
    with pytest.raises(DataError, match="labels must be Tensor, got list"):
        Features(torch.ones(4, 3), [0, 1, 0, 1])  # type: ignore[arg-type]


def test_a_number_of_400_digits_is_out_of_range() -> None:
    with pytest.raises(ConfigError, match="lr must be above 0, got"):
        METHODS["crt"](lr=10**400)  # type: ignore[call-arg]
