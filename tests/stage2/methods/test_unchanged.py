import torch

from decouple.classifier import Classifier
from decouple.files.results import SelectionEntry
from stage2.methods.unchanged import Unchanged


def test_stage_one_comes_back_and_nothing_is_chosen() -> None:
    classifier = Classifier("linear", torch.eye(2))
    fitted = Unchanged().fit(classifier, {})
    assert fitted.classifier is classifier
    assert fitted.selection == SelectionEntry()
    assert fitted.curve is None
