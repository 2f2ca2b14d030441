import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from decouple.classifier import Classifier
from decouple.errors import ConfigError
from decouple.files.features import Features
from stage2.methods.tau import GRID, TauNorm, tau_recalls
from stage2.selection import choose

# Row norms 5 and 1.
HEAD = Classifier("linear", torch.tensor([[3.0, 4.0], [0.0, 1.0]]), torch.tensor([0.25, -0.5]))


def _random_case(seed: int, num_classes: int = 5, images: int = 200) -> tuple[Classifier, Features]:
    """A head whose norms fall steeply from class to class, and features around its rows."""
    rng = torch.Generator().manual_seed(seed)
    norms = 4.0 * 0.6 ** torch.arange(num_classes)
    rows = torch.nn.functional.normalize(torch.randn(num_classes, 8, generator=rng), dim=1)
    labels = torch.arange(images) % num_classes
    features = (rows[labels] + 0.9 * torch.randn(images, 8, generator=rng)).relu()
    return Classifier("linear", rows * norms[:, None], torch.randn(num_classes, generator=rng)), Features(
        features, labels
    )


def _balanced(logits: Tensor, labels: Tensor) -> float:
    """Balanced accuracy the slow way, in numpy."""
    predicted, true = logits.numpy().argmax(axis=1), labels.numpy()
    return float(np.mean([np.mean(predicted[true == entry] == entry) for entry in np.unique(true)]))


@pytest.mark.parametrize(
    ("tau", "expected"),
    [
        (0.0, [[3.0, 4.0], [0.0, 1.0]]),
        (1.0, [[0.6, 0.8], [0.0, 1.0]]),
        (2.0, [[0.12, 0.16], [0.0, 1.0]]),
        (0.5, [[3 / math.sqrt(5), 4 / math.sqrt(5)], [0.0, 1.0]]),
        (-1.0, [[15.0, 20.0], [0.0, 1.0]]),
    ],
)
def test_two_classes_by_hand(tau: float, expected: list[list[float]]) -> None:
    result = TauNorm(tau=tau).fit(HEAD, {}).classifier
    torch.testing.assert_close(result.weight, torch.tensor(expected))
    assert result.bias is None


def test_tau_decides_between_a_long_and_a_short_row() -> None:
    # f = (-1, 3): logits 9 and 3 at tau 0; 9/5 and 3 at tau 1.
    feature = torch.tensor([[-1.0, 3.0]])
    assert TauNorm(tau=0.0).fit(HEAD, {}).classifier.logits(feature).argmax() == 0
    assert TauNorm(tau=1.0).fit(HEAD, {}).classifier.logits(feature).argmax() == 1


def test_tau_0_with_the_bias_is_stage_one_bit_for_bit() -> None:
    classifier, result = _random_case(0)
    same = TauNorm(tau=0.0, keep_bias=True).fit(classifier, {}).classifier
    assert torch.equal(same.weight, classifier.weight)
    assert torch.equal(same.logits(result.features), classifier.logits(result.features))


def test_tau_1_makes_all_rows_one_long() -> None:
    classifier, _ = _random_case(1)
    weight = TauNorm(tau=1.0).fit(classifier, {}).classifier.weight
    torch.testing.assert_close(weight.norm(dim=1), torch.ones(5))


@pytest.mark.parametrize("tau", [0.0, 0.5, 1.0, 1.5, 2.0, 10.0, -10.0])
def test_a_row_of_zeros_stays_one(tau: float) -> None:
    classifier = Classifier("linear", torch.tensor([[3.0, 4.0], [0.0, 0.0]]))
    weight = TauNorm(tau=tau).fit(classifier, {}).classifier.weight
    assert weight.isfinite().all()
    assert weight[1].tolist() == [0, 0]
    recalls = tau_recalls(
        classifier, Features(torch.tensor([[1.0, 1.0], [-1.0, -1.0]]), torch.tensor([0, 1])), (tau,), False
    )
    assert recalls.tolist() == [[1.0, 1.0]]


@pytest.mark.parametrize("keep_bias", [False, True])
@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_the_choice_is_that_of_a_loop_with_one_product_per_tau(seed: int, keep_bias: bool) -> None:
    classifier, result = _random_case(seed)
    assert classifier.bias is not None
    ranking_keys = []
    for step in range(101):
        weight = classifier.weight / classifier.weight.square().sum(dim=1, keepdim=True).sqrt() ** (step / 50)
        logits = result.features @ weight.T + (classifier.bias if keep_bias else 0)
        ranking_keys.append(round(_balanced(logits, result.labels), 9))
    fitted = choose([TauNorm(keep_bias=keep_bias)], classifier, {"train": result, "val": result})[1]
    assert fitted.selection.values["tau"] == pytest.approx(ranking_keys.index(max(ranking_keys)) / 50)
    assert 0 < float(fitted.selection.values["tau"]) < 2  # else the case would prove little
    assert fitted.curve is not None
    np.testing.assert_allclose(fitted.curve.recalls.mean(dim=1).numpy(), ranking_keys, atol=1e-8)
    logits = fitted.classifier.logits(result.features)
    assert _balanced(logits, result.labels) == pytest.approx(max(ranking_keys))


def test_the_grid_is_101_values_from_0_to_2() -> None:
    assert (len(GRID), GRID[0], GRID[1], GRID[50], GRID[100]) == (101, 0.0, 0.02, 1.0, 2.0)


def test_of_equal_taus_the_smallest_is_chosen() -> None:
    # Both images are right at every tau.
    result = Features(torch.tensor([[1.0, 0.0], [-1.0, 0.5]]), torch.tensor([0, 1]))
    assert choose([TauNorm()], HEAD, {"train": result, "val": result})[1].selection.values["tau"] == 0


def test_a_class_without_validation_images_does_not_count() -> None:
    classifier = Classifier("linear", torch.tensor([[3.0, 4.0], [0.0, 1.0], [1.0, 0.0]]))
    result = Features(torch.tensor([[-1.0, 3.0], [-1.0, 3.0]]), torch.tensor([0, 1]))
    fitted = choose([TauNorm()], classifier, {"train": result, "val": result})[1]
    assert fitted.curve is not None
    assert fitted.curve.recalls[:, 2].isnan().all()
    # Logits 9 / 5^tau against 3: class 0 wins until 5^tau = 3, tau = ln 3 / ln 5 = 0.683; always one of two is right.
    assert fitted.curve.recalls[:, :2].sum(dim=1).tolist() == [1.0] * 101
    assert fitted.curve.recalls[34, 0] == 1  # 0.68
    assert fitted.curve.recalls[35, 0] == 0  # 0.70
    assert fitted.selection.values["tau"] == 0


def test_choosing_needs_a_validation_split() -> None:
    with pytest.raises(ConfigError, match=r"this run has none; .*val_fraction above 0.*tau="):
        choose([TauNorm()], HEAD, {"train": _random_case(0)[1]})[1]


def test_training_images_are_not_read() -> None:
    class Sealed(Features):
        def __getattribute__(self, name: str) -> Any:
            raise AssertionError(f"{name} of the training images was read")

    classifier, result = _random_case(0)
    train = Features(result.stored, result.labels)
    object.__setattr__(train, "__class__", Sealed)  # sealed after it has checked itself
    choose([TauNorm()], classifier, {"val": result, "train": train})


@pytest.mark.parametrize("tau", [None, 0.5])
def test_a_cosine_classifier_gives_its_raw_weights_and_the_user_is_told(tau: float | None) -> None:
    classifier, result = _random_case(0)
    cosine = Classifier("cosine", classifier.weight, scale=30.0)
    fitted = choose([TauNorm(tau=tau)], cosine, {"train": result, "val": result})[1]
    assert fitted.classifier.kind == "linear"
    expected = classifier.weight / classifier.weight.norm(dim=1, keepdim=True) ** float(fitted.selection.values["tau"])
    torch.testing.assert_close(fitted.classifier.weight, expected)
    assert fitted.selection.note == "the raw weights of the cosine classifier, used as a linear one"
    assert choose([TauNorm(tau=tau)], classifier, {"train": result, "val": result})[1].selection.note is None


def test_rows_are_taken_part_by_part(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = torch.Generator().manual_seed(3)
    classifier = Classifier("linear", torch.randn(4, 6, generator=rng))
    result = Features(torch.randn(23, 6, generator=rng).half(), torch.arange(23) % 4)
    complete = tau_recalls(classifier, result, (0.0, 1.0), False)
    monkeypatch.setattr("stage2.methods.tau.LOGITS_CHUNK", 20)  # 5 rows of 4 classes
    assert torch.equal(tau_recalls(classifier, result, (0.0, 1.0), False), complete)
