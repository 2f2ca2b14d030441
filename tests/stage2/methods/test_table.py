import dataclasses

import pytest
import torch

from decouple.classifier import Classifier
from decouple.files.features import Features
from stage2.candidates import make_method
from stage2.methods import METHODS
from stage2.selection import choose
from stage2.settings import Stage2Config


@pytest.mark.parametrize("name", METHODS)
def test_defaults_are_those_of_the_command(name: str) -> None:
    assert make_method(name, Stage2Config()) == METHODS[name]()
    of_command = {field.name: field.default for field in dataclasses.fields(Stage2Config)}
    for field in dataclasses.fields(METHODS[name]):
        assert of_command[field.name] in (field.default, None, dataclasses.MISSING), field.name


@pytest.mark.parametrize("kind", ["linear", "cosine"])
@pytest.mark.parametrize("name", METHODS)
def test_every_method_is_used_alike(name: str, kind: str) -> None:
    rng = torch.Generator().manual_seed(0)
    found = Features(torch.rand(40, 6, generator=rng), torch.arange(40) % 4)
    weight = torch.randn(4, 6, generator=rng)
    classifier = (
        Classifier("linear", weight, torch.zeros(4)) if kind == "linear" else Classifier("cosine", weight, scale=10.0)
    )
    before = weight.clone()
    fitted = choose([METHODS[name]()], classifier, {"train": found, "val": found})[1]
    logits = fitted.classifier.logits(found.features)
    assert logits.shape == (40, 4)
    assert logits.isfinite().all()
    assert not logits.requires_grad
    assert torch.equal(weight, before)
