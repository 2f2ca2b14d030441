import pytest
import torch
from torch import Tensor

from decouple.errors import DataError
from decouple.files.features import Features
from stage2.train_val_folds import automatic_folds, join_splits, make_folds, split_folds

TRAIN = Features(torch.arange(12.0)[:, None], torch.tensor([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 3]))
VAL = Features(torch.arange(100.0, 104)[:, None], torch.tensor([0, 1, 2, 2]))


class _Views:
    """Rows that are told from the clean ones: 1,000 more."""

    def draw(self, indices: Tensor, seed: int, *position: int) -> Tensor:
        return TRAIN.stored[indices] + 1000


def test_training_and_validation_images_as_one() -> None:
    both = join_splits({"train": TRAIN, "val": VAL})
    assert both.features.flatten().tolist() == [*range(12), *range(100, 104)]
    assert both.labels.tolist() == [*TRAIN.labels.tolist(), *VAL.labels.tolist()]
    assert torch.equal(join_splits({"train": TRAIN}).features, TRAIN.features)


def test_every_image_is_held_once_but_the_only_one_of_a_class() -> None:
    folds = list(split_folds({"train": TRAIN, "val": VAL}, 3, seed=0))
    assert len(folds) == 3
    held_out = torch.cat([part.features.flatten() for _, part in folds]).tolist()
    assert sorted(held_out) == [*range(11), *range(100, 104)]  # 11 is the only image of class 3
    for remaining, part in folds:
        assert sorted([*remaining.features.flatten().tolist(), *part.features.flatten().tolist()]) == [
            *range(12),
            *range(100, 104),
        ]
        assert set(remaining.labels.tolist()) == {0, 1, 2, 3}
        for entry in (remaining, part):  # the labels go with their images
            everything = join_splits({"train": TRAIN, "val": VAL})
            expected = {float(f): int(y) for f, y in zip(everything.features, everything.labels, strict=True)}
            assert [expected[float(f)] for f in entry.features] == entry.labels.tolist()


def test_without_two_images_of_a_class_there_are_no_folds() -> None:
    lone = Features(torch.arange(3.0)[:, None], torch.tensor([0, 1, 2]))
    with pytest.raises(DataError, match="no class has two training images, so none can be held out for the selection"):
        next(split_folds({"train": lone}, 2, seed=0))


def test_a_seed_decides_the_folds() -> None:
    first, again, other = (
        [held_out.features.flatten().tolist() for _, held_out in split_folds({"train": TRAIN}, 3, seed=seed)]
        for seed in (0, 0, 1)
    )
    assert first == again
    assert first != other


def test_training_images_keep_their_views_and_validation_images_are_clean() -> None:
    train = Features(TRAIN.stored, TRAIN.labels, _Views())
    both = join_splits({"train": train, "val": VAL})
    assert both.draw(torch.tensor([3, 13, 0]), 0, 0, 0).flatten().tolist() == [1003, 101, 1000]
    for remaining, _ in split_folds({"train": train, "val": VAL}, 2, seed=0):
        clean = remaining.features.flatten()
        drawn = remaining.draw(torch.arange(len(clean)), 0, 0, 0).flatten()
        assert torch.equal(drawn, torch.where(clean < 100, clean + 1000, clean))
    assert join_splits({"train": train}).draw(torch.tensor([5]), 0, 0, 0).tolist() == [[1005]]


@pytest.mark.parametrize(
    ("train", "val", "folds"),
    [
        ([20, 20], [10, 10], 0),  # enough validation images of each class
        ([20, 20], [10, 9], 5),
        ([20, 2], [5, 1], 3),  # the smallest class has 3 images
        ([20, 1], [5, 1], 2),
        ([20, 1], [5, 0], 5),  # the only image of a class is held out nowhere: the other class decides
        ([1, 1], [0, 0], 2),
        ([20, 20], None, 5),
    ],
)
def test_automatic_folds_by_hand(train: list[int], val: list[int] | None, folds: int) -> None:
    splits = {"train": _features(train)} | ({} if val is None else {"val": _features(val)})
    assert automatic_folds(splits, 2) == folds


def test_large_data_use_the_validation_split(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stage2.train_val_folds.MAX_FOLD_LOGITS", 50)  # 26 images of 2 classes
    splits = {"train": _features([20, 2]), "val": _features([3, 1])}
    assert automatic_folds(splits, 2) == 0
    assert automatic_folds({"train": _features([24, 2])}, 2) == 5 - 3  # without validation there is no other way


def test_the_positions_of_held_out_images() -> None:
    both = join_splits({"train": TRAIN, "val": VAL})
    for fold in make_folds({"train": TRAIN, "val": VAL}, 3, seed=0):
        assert torch.equal(both.features[fold.indices], fold.held_out.features)


def _features(counts: list[int]) -> Features:
    labels = torch.repeat_interleave(torch.arange(len(counts)), torch.tensor(counts))
    return Features(torch.zeros(len(labels), 1), labels)
