import pytest
import torch

from decouple.classifier import Classifier
from decouple.evaluation.scoring import score, score_splits, weight_norms
from decouple.files.features import Features

HEAD = Classifier("linear", torch.tensor([[3.0, 4.0], [0.0, 2.0], [-1.0, 0.0]]))
# Logits of (1, 0): 3, 0, -1 -> class 0. Of (-1, 0): -3, 0, 1 -> class 2. Of (-1, 1): 1, 2, 1 -> class 1.
FOUND = Features(torch.tensor([[1.0, 0.0], [-1.0, 0.0], [-1.0, 1.0], [1.0, 0.0]]), torch.tensor([0, 2, 1, 2]))
COUNTS = [200, 50, 5]


def test_scores_by_hand() -> None:
    result = score(HEAD, FOUND, COUNTS)
    assert result["images"] == 4
    assert result["top1"] == 75
    assert result["per_class"] == [100, 100, 50]
    assert result["balanced"] == pytest.approx(250 / 3)
    assert result["groups"]["many_medium_few"] == {"many": 100, "medium": 100, "few": 50}


def test_every_split_but_training_is_scored() -> None:
    result = score_splits(HEAD, {"train": FOUND, "val": FOUND, "test": FOUND, "test_longtailed": FOUND}, COUNTS)
    assert result.keys() == {"val", "test", "test_longtailed"}
    assert result["test"] == score(HEAD, FOUND, COUNTS)


def test_weight_norms_are_those_of_the_rows() -> None:
    assert weight_norms(HEAD) == (5, 2, 1)
