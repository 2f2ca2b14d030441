import pytest
import torch

from decouple.errors import ConfigError
from stage1.losses.cross_entropy import CrossEntropyLoss
from stage1.mixup import MIXINGS
from stage1.mixup.build import make_mixing, require_mixable
from stage1.mixup.mixup import Mixup

COUNTS = torch.tensor([3, 1])


def test_a_name_and_options_make_a_mixing() -> None:
    for name, kind in MIXINGS.items():
        assert type(make_mixing(name, COUNTS, {})) is kind
    mixup = make_mixing("mixup", COUNTS, {"alpha": 0.25})
    assert isinstance(mixup, Mixup)
    assert mixup.alpha == 0.25


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("mixpu", {}, r"unknown mixing 'mixpu'\. Did you mean 'mixup'\? Known: mixup, cutmix, remix"),
        ("mixup", {"kappa": 3}, r"unknown option 'kappa' of mixing 'mixup'\. Did you mean 'alpha'\? Known: alpha"),
        ("remix", {"kappa": "big"}, "option 'kappa' of mixing 'remix' must be a number, got 'big'"),
    ],
)
def test_what_is_wrong_is_named(name: str, options: dict[str, float | str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        make_mixing(name, COUNTS, options)


def test_a_loss_without_samples_cannot_be_mixed_pair_by_pair() -> None:
    class Ranking(CrossEntropyLoss):
        reweightable = False

    ranking, remix = Ranking(COUNTS), make_mixing("remix", COUNTS, {})
    with pytest.raises(ConfigError, match=r"--mix remix decides pair by pair, and --loss ap .* use mixup or cutmix"):
        require_mixable(remix, ranking, "ap")
    for mixing in (None, make_mixing("mixup", COUNTS, {}), make_mixing("cutmix", COUNTS, {})):
        require_mixable(mixing, ranking, "ap")
    require_mixable(remix, CrossEntropyLoss(COUNTS), "ce")
