import math

import numpy as np
import pytest
import torch

from decouple.classifier import Classifier
from decouple.errors import ConfigError, DataError
from decouple.files.features import Features
from stage2.methods.logit_adjust import LogitAdjust
from stage2.methods.tau import GRID
from stage2.selection import choose

HEAD = Classifier("linear", torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([0.5, -0.5]))
TRAIN = Features(torch.zeros(4, 2), torch.tensor([0, 0, 0, 1]))  # shares 3/4 and 1/4


def _case(seed: int, num_classes: int = 5) -> tuple[Classifier, Features, Features]:
    rng = torch.Generator().manual_seed(seed)
    rows = torch.randn(num_classes, 8, generator=rng)
    counts = torch.tensor([200, 80, 30, 10, 4])[:num_classes]
    train = Features(torch.zeros(int(counts.sum()), 8), torch.arange(num_classes).repeat_interleave(counts))
    labels = torch.arange(300) % num_classes
    result = Features(rows[labels] + 1.5 * torch.randn(300, 8, generator=rng), labels)
    prior = (counts / counts.sum()).log()
    return Classifier("linear", rows, -0.5 * rows.square().sum(dim=1) + 1.5 * prior), train, result


@pytest.mark.parametrize(("tau", "scale"), [(1.0, 1.0), (0.5, 0.5), (-1.0, -1.0)])
def test_two_classes_by_hand(tau: float, scale: float) -> None:
    result = LogitAdjust(tau=tau).fit(HEAD, {"train": TRAIN}).classifier
    # z = (2.5, 0.5), less tau (ln 3/4, ln 1/4)
    expected = [2.5 - scale * math.log(3 / 4), 0.5 - scale * math.log(1 / 4)]
    torch.testing.assert_close(result.logits(torch.tensor([[2.0, 1.0]])), torch.tensor([expected]))


@pytest.mark.parametrize(
    "classifier", [HEAD, Classifier("linear", HEAD.weight), Classifier("cosine", HEAD.weight, scale=30.0)]
)
def test_tau_0_is_stage_one_bit_for_bit(classifier: Classifier) -> None:
    features = torch.randn(20, 2, generator=torch.Generator().manual_seed(0))
    result = LogitAdjust(tau=0.0).fit(classifier, {"train": TRAIN}).classifier
    assert torch.equal(result.logits(features), classifier.logits(features))


def test_a_cosine_classifier_gets_a_bias() -> None:
    classifier = Classifier("cosine", HEAD.weight, scale=10.0)
    result = LogitAdjust(tau=1.0).fit(classifier, {"train": TRAIN}).classifier
    expected = torch.tensor([[10 * 0.6 - math.log(0.75), 10 * 0.8 - math.log(0.25)]])
    torch.testing.assert_close(result.logits(torch.tensor([[3.0, 4.0]])), expected)
    assert (result.kind, result.scale) == ("cosine", 10.0)


def test_balanced_counts_change_no_prediction() -> None:
    train = Features(torch.zeros(6, 2), torch.tensor([0, 1] * 3))
    features = torch.randn(50, 2, generator=torch.Generator().manual_seed(1))
    result = LogitAdjust(tau=2.0).fit(HEAD, {"train": train}).classifier
    assert torch.equal(result.logits(features).argmax(dim=1), HEAD.logits(features).argmax(dim=1))


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("kind", ["linear", "cosine"])
def test_the_choice_is_that_of_a_loop_in_float64(seed: int, kind: str) -> None:
    classifier, train, result = _case(seed)
    if kind == "cosine":
        classifier = Classifier("cosine", classifier.weight, scale=5.0)
    weight, rows = classifier.weight.double().numpy(), result.features.double().numpy()
    if kind == "cosine":
        rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        logits = 5 * rows @ (weight / np.linalg.norm(weight, axis=1, keepdims=True)).T
    else:
        assert classifier.bias is not None
        logits = rows @ weight.T + classifier.bias.double().numpy()
    log_pi = np.log(np.bincount(train.labels.numpy()) / len(train.labels))
    labels, ranking_keys = result.labels.numpy(), []
    for step in range(101):
        predicted = (logits - step / 50 * log_pi).argmax(axis=1)
        ranking_keys.append(round(float(np.mean([np.mean(predicted[labels == j] == j) for j in range(5)])), 9))
    fitted = choose([LogitAdjust()], classifier, {"train": train, "val": result})[1]
    assert fitted.selection.values["tau"] == pytest.approx(ranking_keys.index(max(ranking_keys)) / 50)
    assert fitted.curve is not None
    assert (fitted.curve.hyperparameter, fitted.curve.values) == ("tau", GRID)
    np.testing.assert_allclose(fitted.curve.recalls.mean(dim=1).numpy(), ranking_keys, atol=1e-8)
    if kind == "linear":
        assert float(fitted.selection.values["tau"]) > 0  # else the case would prove little


def test_a_class_without_training_images_is_an_error() -> None:
    train = Features(torch.zeros(2, 2), torch.tensor([0, 0]))
    with pytest.raises(DataError, match=r"no training image for classes \[1\] of 2; logit_adjust needs one in each"):
        LogitAdjust(tau=1.0).fit(HEAD, {"train": train})


def test_choosing_needs_a_validation_split() -> None:
    with pytest.raises(ConfigError, match="tau is chosen on a validation split and this run has none"):
        choose([LogitAdjust()], HEAD, {"train": TRAIN})[1]
