import math

import pytest
import torch

from decouple.classifier import Classifier
from decouple.files.features import Features
from stage2.methods import lws
from stage2.methods.lws import LearnableWeightScaling

# Logits of the two images: (2, 1) and (1, 1).
HEAD = Classifier("linear", torch.tensor([[2.0, 0.5], [1.0, 0.5]]), torch.tensor([0.0, 0.0]))
TRAIN = Features(torch.tensor([[1.0, 0.0], [0.0, 2.0]]), torch.tensor([0, 1]))


def _fit(classifier: Classifier, train: Features = TRAIN, **settings: object) -> Classifier:
    return LearnableWeightScaling(**settings).fit(classifier, {"train": train}).classifier  # type: ignore[arg-type]


def test_one_step_by_hand() -> None:
    # z = (2, 1), label 0: p = (q, 1 - q) with q = e / (1 + e); dloss/ds = ((q - 1) 2, (1 - q) 1).
    # z = (1, 1), label 1: p = (1/2, 1/2); dloss/ds = (1/2, -1/2). The mean of both, lr 0.1, from s = (1, 1).
    q = math.e / (1 + math.e)
    gradient = torch.tensor([(2 * (q - 1) + 0.5) / 2, ((1 - q) - 0.5) / 2])
    scales = 1 - 0.1 * gradient
    result = _fit(HEAD, sampler="instance", epochs=1, batch_size=2, lr=0.1, weight_decay=0)
    torch.testing.assert_close(result.weight, HEAD.weight * scales[:, None])


def test_no_learning_leaves_stage_one_as_it_is() -> None:
    classifier = Classifier("linear", torch.randn(2, 2), torch.randn(2))
    result = _fit(classifier, lr=1e-30, weight_decay=0)
    assert torch.equal(result.logits(TRAIN.features), classifier.logits(TRAIN.features))


@pytest.mark.parametrize(
    "classifier",
    [
        Classifier("linear", torch.tensor([[1.0, -2.0], [0.5, 3.0]]), torch.tensor([0.3, -0.7])),
        Classifier("linear", torch.tensor([[1.0, -2.0], [0.5, 3.0]])),
        Classifier("cosine", torch.tensor([[1.0, -2.0], [0.5, 3.0]]), scale=7.0),
    ],
)
def test_logits_are_stage_ones_times_one_factor_per_class(
    classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = classifier.weight.clone(), None if classifier.bias is None else classifier.bias.clone()
    monkeypatch.setattr(lws, "fit_on_features", lambda learned, *_: learned[0].data.copy_(torch.tensor([0.25, 2.0])))
    result, features = _fit(classifier), torch.tensor([[0.3, -2.0], [5.0, 1.0], [0.0, 0.0]])
    torch.testing.assert_close(result.logits(features), classifier.logits(features) * torch.tensor([0.25, 2.0]))
    assert torch.equal(classifier.weight, before[0])
    assert classifier.bias is None or torch.equal(classifier.bias, before[1])  # type: ignore[arg-type]
    assert not result.weight.requires_grad


def test_only_the_factors_are_trained() -> None:
    classifier = Classifier("linear", torch.tensor([[1.0, -2.0], [0.5, 3.0]]), torch.tensor([0.3, -0.7]))
    result = _fit(classifier, lr=0.5)
    factors = result.weight / classifier.weight
    torch.testing.assert_close(factors[:, 0], factors[:, 1])
    assert result.bias is not None
    torch.testing.assert_close(result.bias / torch.tensor([0.3, -0.7]), factors[:, 0])
    assert (factors[:, 0] - 1).abs().min() > 1e-3


def test_a_dominant_head_class_is_put_in_its_place() -> None:
    # Row 0 is ten times too long: of the tail class's images (1, 3), with logits 10 and 3, all are taken for class 0.
    classifier = Classifier("linear", torch.tensor([[10.0, 0.0], [0.0, 1.0]]))
    rows = torch.tensor([[3.0, 1.0]] * 90 + [[1.0, 3.0]] * 10)
    train = Features(rows, torch.tensor([0] * 90 + [1] * 10))
    result = _fit(classifier, train, epochs=30)
    assert classifier.logits(rows).argmax(dim=1)[90:].tolist() == [0] * 10
    assert result.logits(rows).argmax(dim=1).tolist() == train.labels.tolist()


def test_a_seed_decides_everything() -> None:
    first, again, other = (_fit(HEAD, seed=seed, batch_size=1) for seed in (3, 3, 4))
    assert torch.equal(first.weight, again.weight)
    assert not torch.equal(first.weight, other.weight)
