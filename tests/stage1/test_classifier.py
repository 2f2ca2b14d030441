import pytest
import torch

from stage1.classifier import CosineClassifier, LinearClassifier, make_classifier


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


def test_cosine_logits_do_not_know_lengths() -> None:
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


@pytest.mark.parametrize("kind", ["linear", "cosine"])
def test_the_head_says_the_same_and_is_a_copy(kind: str) -> None:
    layer = make_classifier(kind, 4, 3, scale=7)
    features = torch.randn(5, 4, generator=torch.Generator().manual_seed(1))
    head, before = layer.head(), layer(features).detach().clone()
    assert head.kind == kind
    assert not head.weight.requires_grad
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.add_(1)
    assert torch.equal(head.logits(features), before)
    assert not torch.equal(layer(features), before)


def test_the_linear_layer_has_a_bias_and_the_cosine_layer_none() -> None:
    assert sum(each.numel() for each in LinearClassifier(64, 10).parameters()) == 650
    assert sum(each.numel() for each in CosineClassifier(64, 10, scale=30).parameters()) == 640
