import pytest
import torch

from decouple.errors import ConfigError
from stage1.losses.cross_entropy import CrossEntropyLoss
from stage1.mixup import BATCH_AUGMENTATIONS
from stage1.mixup.build import make_batch_augmentation, require_mixable_loss
from stage1.mixup.mixup import Mixup

COUNTS = torch.tensor([3, 1])


def test_a_name_and_options_make_a_batch_augmentation() -> None:
    for name, entry in BATCH_AUGMENTATIONS.items():
        assert type(make_batch_augmentation(name, COUNTS, {})) is entry
    mixup = make_batch_augmentation("mixup", COUNTS, {"alpha": 0.25})
    assert isinstance(mixup, Mixup)
    assert mixup.alpha == 0.25


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("mixpu", {}, r"unknown batch augmentation 'mixpu'\. Did you mean 'mixup'\? Known: mixup, cutmix, remix"),
        (
            "mixup",
            {"kappa": 3},
            r"unknown option 'kappa' of batch augmentation 'mixup'\. Did you mean 'alpha'\? Known: alpha",
        ),
        ("remix", {"kappa": "big"}, "option 'kappa' of batch augmentation 'remix' must be a number, got 'big'"),
    ],
)
def test_what_is_wrong_is_named(name: str, options: dict[str, float | str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        make_batch_augmentation(name, COUNTS, options)


def test_a_loss_without_samples_cannot_be_mixed_pair_by_pair() -> None:
    class Ranking(CrossEntropyLoss):
        reweightable = False

    ranking, remix = Ranking(COUNTS), make_batch_augmentation("remix", COUNTS, {})
    with pytest.raises(ConfigError, match=r"mix=remix weights each pair by itself, and loss=ap .* use mixup or cutmix"):
        require_mixable_loss(remix, ranking, "ap")
    for batch_augmentation in (
        None,
        make_batch_augmentation("mixup", COUNTS, {}),
        make_batch_augmentation("cutmix", COUNTS, {}),
    ):
        require_mixable_loss(batch_augmentation, ranking, "ap")
    require_mixable_loss(remix, CrossEntropyLoss(COUNTS), "ce")
