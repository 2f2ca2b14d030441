import pytest
import torch

from decouple.errors import ConfigError
from stage1.classifier import CosineClassifier, LinearClassifier, classifier_for, loss_logits, make_classifier
from stage1.losses.cross_entropy import CrossEntropyLoss
from stage1.losses.ldam import LDAMLoss

COUNTS = torch.tensor([3, 1, 2])


def _set(layer: torch.nn.Module, **values: list[float] | list[list[float]]) -> None:
    layer.load_state_dict({name: torch.tensor(value) for name, value in values.items()})


def test_linear_logits_by_hand() -> None:
    layer = make_classifier("linear", 2, 2, scale=30)
    _set(layer, weight=[[1.0, 2.0], [3.0, 4.0]], bias=[0.5, -0.5])
    # f = (1, -1): 1 - 2 + 0.5 and 3 - 4 - 0.5.
    assert layer(torch.tensor([[1.0, -1.0]])).tolist() == [[-0.5, -1.5]]


def test_cosine_logits_by_hand() -> None:
    layer = make_classifier("cosine", 2, 3, scale=10)
    _set(layer, weight=[[3.0, 4.0], [0.0, 2.0], [-4.0, -3.0]])
    # f = (4, 3) of length 5: cosines 24/25, 3/5 and -1, times 10.
    torch.testing.assert_close(layer(torch.tensor([[4.0, 3.0]])), torch.tensor([[9.6, 6.0, -10.0]]))


def test_cosine_logits_do_not_depend_on_lengths() -> None:
    layer = CosineClassifier(4, 3, scale=5)
    features = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))
    before = layer(features)
    with torch.no_grad():
        layer.weight.mul_(torch.tensor([[0.1], [3.0], [70.0]]))
    torch.testing.assert_close(layer(features * torch.logspace(-2, 2, 6)[:, None]), before)


def test_a_feature_of_length_zero_is_no_nan() -> None:
    features = torch.zeros(1, 4, requires_grad=True)
    logits = CosineClassifier(4, 3, scale=30)(features)
    logits.sum().backward()
    assert logits.tolist() == [[0.0, 0.0, 0.0]]
    assert features.grad is not None
    assert features.grad.isfinite().all()


@pytest.mark.parametrize("classifier_type", ["linear", "cosine"])
def test_the_classifier_computes_the_same_and_is_a_copy(classifier_type: str) -> None:
    layer = make_classifier(classifier_type, 4, 3, scale=7)
    features = torch.randn(5, 4, generator=torch.Generator().manual_seed(1))
    classifier, before = layer.as_tensors(), layer(features).detach().clone()
    assert classifier.kind == classifier_type
    assert not classifier.weight.requires_grad
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.add_(1)
    assert torch.equal(classifier.logits(features), before)
    assert not torch.equal(layer(features), before)


def test_the_linear_layer_has_a_bias_and_the_cosine_layer_none() -> None:
    assert sum(parameter.numel() for parameter in LinearClassifier(64, 10).parameters()) == 650
    assert sum(parameter.numel() for parameter in CosineClassifier(64, 10, scale=30).parameters()) == 640


def test_a_cosine_loss_gets_its_classifier_and_scale() -> None:
    ldam, plain = LDAMLoss(COUNTS, scale=12.0), CrossEntropyLoss(COUNTS)
    assert classifier_for("auto", ldam, "ldam", 30) == ("cosine", 12)
    assert classifier_for("cosine", ldam, "ldam", 30) == ("cosine", 12)
    assert classifier_for("cosine", plain, "ce", 25) == ("cosine", 25)
    for choice in ("auto", "linear"):
        assert classifier_for(choice, plain, "ce", 25)[0] == "linear"


def test_a_cosine_loss_on_a_linear_classifier_is_refused() -> None:
    with pytest.raises(ConfigError, match="loss=ldam needs the cosines of a cosine classifier; leave classifier"):
        classifier_for("linear", LDAMLoss(COUNTS), "ldam", 30)


def test_what_a_loss_reads() -> None:
    features = torch.tensor([[4.0, 3.0]])
    cosine, linear = CosineClassifier(2, 3, scale=10), LinearClassifier(2, 3)
    _set(cosine, weight=[[3.0, 4.0], [0.0, 2.0], [-4.0, -3.0]])
    torch.testing.assert_close(loss_logits(cosine, features, "cosine"), torch.tensor([[0.96, 0.6, -1.0]]))
    assert torch.equal(loss_logits(cosine, features, "linear"), cosine(features))
    assert torch.equal(loss_logits(linear, features, "linear"), linear(features))
