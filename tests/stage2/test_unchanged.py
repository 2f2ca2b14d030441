import torch

from decouple.classifier import Head
from stage2.unchanged import Unchanged


def test_stage_one_comes_back_and_nothing_is_chosen() -> None:
    head = Head("linear", torch.eye(2))
    fitted = Unchanged().fit(head, {})
    assert fitted.head is head
    assert fitted.chosen == {}
    assert fitted.curve is None
