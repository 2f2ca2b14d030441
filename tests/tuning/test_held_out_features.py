import pytest
import torch

from decouple.errors import ConfigError, DataError
from decouple.files.features import Features
from tuning.held_out_features import held_out_name, held_out_phrase, train_and_held_out

TRAIN = Features(torch.arange(7.0)[:, None], torch.tensor([0, 0, 0, 0, 1, 1, 2]))
VAL = Features(torch.arange(100.0, 103)[:, None], torch.tensor([0, 1, 1]))
BOTH = {"train": TRAIN, "val": VAL, "test": VAL}


def test_without_folds_validation_judges_what_was_fitted_to_train() -> None:
    ((remaining, held_out),) = train_and_held_out(BOTH, 0, 0)
    assert remaining is TRAIN
    assert held_out is VAL
    assert (held_out_name(BOTH, 0), held_out_phrase(BOTH, 0)) == ("val", "on validation")


def test_in_folds_every_image_judges_once_but_the_only_one_of_a_class() -> None:
    parts = train_and_held_out(BOTH, 3, 0)
    held_out = torch.cat([part.features.flatten() for _, part in parts]).tolist()
    assert len(parts) == 3
    assert sorted(held_out) == [0, 1, 2, 3, 4, 5, 100, 101, 102]  # 6 is the only image of class 2
    assert all(len(remaining.labels) + len(part.labels) == 10 for remaining, part in parts)
    assert held_out_name(BOTH, 3) == "3 folds of train and val"
    assert held_out_phrase(BOTH, 3) == "in 3 folds of training and validation, pooled"


def test_folds_need_no_validation_split() -> None:
    alone = {"train": TRAIN, "test": VAL}
    assert sum(len(part.labels) for _, part in train_and_held_out(alone, 2, 0)) == 6
    assert (held_out_name(alone, 2), held_out_phrase(alone, 2)) == (
        "2 folds of train",
        "in 2 folds of training, pooled",
    )
    with pytest.raises(ConfigError, match=r"a trial is evaluated on a validation split .* folds=5"):
        train_and_held_out(alone, 0, 0)


def test_classes_of_one_image_cannot_judge() -> None:
    with pytest.raises(DataError, match="no class has two training images"):
        train_and_held_out({"train": Features(torch.zeros(2, 1), torch.tensor([0, 1]))}, 2, 0)
