from collections.abc import Callable

import torch
from torch import Tensor

from stage1.network import make_network
from stage1.settings import Stage1Config


def _state(**settings: object) -> dict[str, Tensor]:
    return make_network(Stage1Config(**settings), 8, 3, "linear", 1.0).state_dict()  # type: ignore[arg-type]


def test_the_seed_alone_decides_the_start(same_bits: Callable[[dict[str, Tensor], dict[str, Tensor]], bool]) -> None:
    first = _state(seed=1)
    torch.manual_seed(77)
    assert same_bits(first, _state(seed=1))
    other = _state(seed=2)
    assert not torch.equal(first["backbone.stem.0.weight"], other["backbone.stem.0.weight"])
    assert not torch.equal(first["classifier.weight"], other["classifier.weight"])


def test_the_global_generator_is_left_alone() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    _state()
    assert torch.equal(torch.rand(3), expected)


def test_the_classifier_is_the_one_asked_for() -> None:
    assert "classifier.bias" in _state()
    network = make_network(Stage1Config(), 8, 3, "cosine", 12).eval()
    classifier = network.classifier.as_tensors()
    assert (classifier.kind, classifier.scale) == ("cosine", 12)


def test_a_cosine_loss_gets_bare_cosines() -> None:
    network = make_network(Stage1Config(), 8, 3, "cosine", 12).eval()
    images = torch.randn(4, 3, 8, 8)
    (logits, _), (cosines, _) = network(images), network(images, "cosine")
    assert cosines.abs().max() <= 1 + 1e-6
    torch.testing.assert_close(logits, 12 * cosines)


def test_logits_are_those_of_the_features() -> None:
    network = make_network(Stage1Config(), 8, 3, "linear", 1.0).eval()
    images = torch.randn(4, 3, 8, 8)
    logits, features = network(images)
    assert torch.equal(features, network.backbone(images))
    expected = features @ network.classifier.weight.T + network.classifier.as_tensors().bias
    torch.testing.assert_close(logits, expected)
