"""The exported classifier is the classifier, for every kind, with and without its optional tensors."""

import dataclasses

import pytest
import torch
from torch import Tensor

from decouple.classifier import Alignment, Classifier
from decouple.deploy.export_classifier import ExportClassifier
from decouple.neighbour_vote import NeighbourVote

CLASSES, WIDTH, STORED = 5, 7, 40


def numbers(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def classifiers() -> dict[str, Classifier]:
    weight, bias = numbers(CLASSES, WIDTH), numbers(CLASSES, seed=1)
    stored = torch.nn.functional.normalize(numbers(STORED, WIDTH, seed=2), dim=1)
    vote = NeighbourVote(torch.arange(STORED) % CLASSES, torch.rand(CLASSES) + 0.5, 9)
    alignment = Alignment(numbers(CLASSES, seed=3), numbers(CLASSES, seed=4), numbers(WIDTH, seed=5), torch.ones(1))
    plain = {
        "linear": Classifier("linear", weight),
        "linear with bias": Classifier("linear", weight, bias),
        "cosine": Classifier("cosine", weight, scale=20.0),
        "cosine with bias": Classifier("cosine", weight, bias, scale=20.0),
        "centred": Classifier("centred", weight, bias, centre=numbers(WIDTH, seed=6)),
        "neighbours": Classifier("neighbours", stored, scale=10.0, neighbours=vote),
        "half precision neighbours": Classifier("neighbours", stored.half(), scale=10.0, neighbours=vote),
        "more neighbours than images": Classifier(
            "neighbours", stored, scale=10.0, neighbours=dataclasses.replace(vote, k=500)
        ),
    }
    aligned = {
        f"aligned {kind}": dataclasses.replace(classifier, alignment=alignment) for kind, classifier in plain.items()
    }
    return plain | aligned


@pytest.mark.parametrize("kind", classifiers())
def test_logits_are_those_of_the_classifier(kind: str) -> None:
    classifier, features = classifiers()[kind], numbers(11, WIDTH, seed=7)
    torch.testing.assert_close(ExportClassifier(classifier)(features), classifier.logits(features))


def test_every_tensor_is_a_buffer_of_its_own() -> None:
    classifier = classifiers()["aligned neighbours"]
    module = ExportClassifier(classifier)
    assert set(module.state_dict()) == {
        *("weight", "labels", "class_weights"),
        *("factors", "shifts", "gate", "gate_bias"),
    }
    assert module.weight.data_ptr() != classifier.weight.data_ptr()
