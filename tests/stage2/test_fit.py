import math

import pytest
import torch
from torch import Tensor, nn

from decouple.errors import ConfigError, DecoupleError
from decouple.features import Features
from stage2 import fit
from stage2.fit import FitSettings, fit_on_features

TRAIN = Features(torch.eye(3).repeat(4, 1)[:10], (torch.arange(12) % 3)[:10])


def _watch(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, float, float]]:
    """Record (lr, momentum, weight decay) of every step."""
    seen: list[tuple[float, float, float]] = []
    step = torch.optim.SGD.step

    def watched(self: torch.optim.SGD) -> None:
        group = self.param_groups[0]
        seen.append((group["lr"], group["momentum"], group["weight_decay"]))
        step(self)

    monkeypatch.setattr(torch.optim.SGD, "step", watched)
    return seen


def test_the_learning_rate_falls_to_0_along_a_cosine(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = _watch(monkeypatch)
    how = FitSettings(epochs=2, batch_size=5, lr=0.4, momentum=0.3, weight_decay=0.2)
    fit_on_features(nn.Linear(3, 3), TRAIN.features, TRAIN, 3, how)
    # 2 epochs of 2 steps: 0.2 (1 + cos(pi k / 4)) for k = 0..3.
    expected = [0.4, 0.2 + 0.2 * math.sqrt(0.5), 0.2, 0.2 - 0.2 * math.sqrt(0.5)]
    assert [lr for lr, _, _ in seen] == pytest.approx(expected)
    assert {rest for _, *rest_ in seen for rest in [tuple(rest_)]} == {(0.3, 0.2)}


@pytest.mark.parametrize(("batch_size", "steps"), [(1, 10), (3, 4), (5, 2), (10, 1), (99, 1)])
def test_an_epoch_has_as_many_draws_as_images(batch_size: int, steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    class Watched(nn.Linear):
        def forward(self, rows: Tensor) -> Tensor:
            sizes.append(len(rows))
            return super().forward(rows)

    seen = _watch(monkeypatch)
    fit_on_features(Watched(3, 3), TRAIN.features, TRAIN, 3, FitSettings(epochs=3, batch_size=batch_size))
    assert len(seen) == 3 * steps
    assert sum(sizes) == 3 * 10
    assert max(sizes) - min(sizes) <= 1


def test_one_step_by_hand() -> None:
    # Two images, two classes, weights from 0: softmax 1/2 each. The mean loss of feature (1, 0) label 0 and feature
    # (0, 2) label 1 has the gradient row 0 ((-1/2, 0) + (0, 1)) / 2, row 1 the opposite; lr 0.1, no decay.
    train = Features(torch.tensor([[1.0, 0.0], [0.0, 2.0]]), torch.tensor([0, 1]))
    module = nn.Linear(2, 2, bias=False)
    nn.init.zeros_(module.weight)
    how = FitSettings(sampler="instance", epochs=1, batch_size=2, lr=0.1, weight_decay=0)
    fit_on_features(module, train.features, train, 2, how)
    torch.testing.assert_close(module.weight.detach(), torch.tensor([[0.025, -0.05], [-0.025, 0.05]]))


def test_weight_decay_by_hand() -> None:
    # All logits equal in each image and labels balanced over the same feature: no gradient of the loss but the decay's.
    train = Features(torch.ones(2, 1), torch.tensor([0, 1]))
    module = nn.Linear(1, 2, bias=False)
    nn.init.constant_(module.weight, 2.0)
    how = FitSettings(sampler="instance", epochs=1, batch_size=2, lr=0.1, weight_decay=0.5)
    fit_on_features(module, train.features, train, 2, how)
    torch.testing.assert_close(module.weight.detach(), torch.full((2, 1), 2 - 0.1 * 0.5 * 2))


def test_every_epoch_is_another_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    draws: list[list[int]] = []

    class Loss(nn.Module):
        def forward(self, logits: Tensor, labels: Tensor, features: Tensor) -> Tensor:
            assert torch.equal(features.argmax(dim=1), labels)  # rows, labels and features belong together
            draws.append(labels.tolist())
            return logits.sum() * 0

    monkeypatch.setitem(fit.LOSSES, "watched", lambda counts: Loss())
    how = FitSettings(epochs=3, batch_size=10, loss="watched")
    fit_on_features(nn.Linear(3, 3), TRAIN.features, TRAIN, 3, how)
    assert len({tuple(draw) for draw in draws}) == 3


def test_the_loss_gets_the_training_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[int]] = []

    def loss(counts: Tensor) -> nn.Module:
        seen.append(counts.tolist())
        return fit.LOSSES["ce"](counts)

    monkeypatch.setitem(fit.LOSSES, "watched", loss)
    fit_on_features(nn.Linear(3, 3), TRAIN.features, TRAIN, 3, FitSettings(epochs=1, loss="watched"))
    assert seen == [[4, 3, 3]]


@pytest.mark.parametrize(
    ("how", "message"),
    [
        (FitSettings(loss="balanced_sofmax"), "unknown loss 'balanced_sofmax'. Did you mean 'balanced_softmax'?"),
        (FitSettings(sampler="instanse"), "unknown sampler 'instanse'. Did you mean 'instance'?"),
    ],
)
def test_unknown_names(how: FitSettings, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        fit_on_features(nn.Linear(3, 3), TRAIN.features, TRAIN, 3, how)
    assert str(caught.value).startswith(message)


def test_a_training_that_diverges_says_what_to_do() -> None:
    with pytest.raises(DecoupleError, match=r"infinite or not a number at --lr 1e\+38; lower it"):
        fit_on_features(nn.Linear(3, 3), TRAIN.features, TRAIN, 3, FitSettings(lr=1e38))
