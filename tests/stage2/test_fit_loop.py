import math
from collections.abc import Sequence

import pytest
import torch
from torch import Tensor, nn

from decouple.errors import ConfigError, DecoupleError
from decouple.files.features import Features
from stage1.losses.cross_entropy import CrossEntropyLoss
from stage2.fit_loop import FitSettings, fit_on_features
from stage2.momentum_sgd import MomentumSGD

TRAIN = Features(torch.eye(3).repeat(4, 1)[:10], (torch.arange(12) % 3)[:10])


def _fit(module: nn.Module, train: Features, num_classes: int, how: FitSettings) -> None:
    """Train all of a module that maps features to logits."""
    fit_on_features(module.parameters(), module, train, how.make_loss(train, num_classes), how)


def _watch(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, float, float]]:
    """Record (lr, momentum, weight decay) of every step."""
    observed: list[tuple[float, float, float]] = []
    step = MomentumSGD.step

    def watched(self: MomentumSGD, gradients: Sequence[Tensor], lr: float) -> None:
        observed.append((lr, self.momentum, self.weight_decay))
        step(self, gradients, lr)

    monkeypatch.setattr(MomentumSGD, "step", watched)
    return observed


def test_the_learning_rate_falls_to_0_along_a_cosine(monkeypatch: pytest.MonkeyPatch) -> None:
    observed = _watch(monkeypatch)
    how = FitSettings(epochs=2, batch_size=5, lr=0.4, momentum=0.3, weight_decay=0.2)
    _fit(nn.Linear(3, 3), TRAIN, 3, how)
    # 2 epochs of 2 steps: 0.2 (1 + cos(pi k / 4)) for k = 0..3.
    expected = [0.4, 0.2 + 0.2 * math.sqrt(0.5), 0.2, 0.2 - 0.2 * math.sqrt(0.5)]
    assert [lr for lr, _, _ in observed] == pytest.approx(expected)
    assert {rest for _, *rest_ in observed for rest in [tuple(rest_)]} == {(0.3, 0.2)}


@pytest.mark.parametrize(("batch_size", "steps"), [(1, 10), (3, 4), (5, 2), (10, 1), (99, 1)])
def test_an_epoch_has_as_many_draws_as_images(batch_size: int, steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    class Watched(nn.Linear):
        def forward(self, rows: Tensor) -> Tensor:
            sizes.append(len(rows))
            return super().forward(rows)

    observed = _watch(monkeypatch)
    _fit(Watched(3, 3), TRAIN, 3, FitSettings(epochs=3, batch_size=batch_size))
    assert len(observed) == 3 * steps
    assert sum(sizes) == 3 * 10
    assert max(sizes) - min(sizes) <= 1


def test_one_step_by_hand() -> None:
    # Two images, two classes, weights from 0: softmax 1/2 each. The mean loss of feature (1, 0) label 0 and feature
    # (0, 2) label 1 has the gradient row 0 ((-1/2, 0) + (0, 1)) / 2, row 1 the opposite; lr 0.1, no decay.
    train = Features(torch.tensor([[1.0, 0.0], [0.0, 2.0]]), torch.tensor([0, 1]))
    module = nn.Linear(2, 2, bias=False)
    nn.init.zeros_(module.weight)
    how = FitSettings(sampler="instance", epochs=1, batch_size=2, lr=0.1, weight_decay=0)
    _fit(module, train, 2, how)
    torch.testing.assert_close(module.weight.detach(), torch.tensor([[0.025, -0.05], [-0.025, 0.05]]))


def test_weight_decay_by_hand() -> None:
    # All logits equal in each image and labels balanced over the same feature: no gradient of the loss but the decay's.
    train = Features(torch.ones(2, 1), torch.tensor([0, 1]))
    module = nn.Linear(1, 2, bias=False)
    nn.init.constant_(module.weight, 2.0)
    how = FitSettings(sampler="instance", epochs=1, batch_size=2, lr=0.1, weight_decay=0.5)
    _fit(module, train, 2, how)
    torch.testing.assert_close(module.weight.detach(), torch.full((2, 1), 2 - 0.1 * 0.5 * 2))


class Watched(CrossEntropyLoss):
    """Remembers what it is called with."""

    def __init__(self, class_counts: Tensor) -> None:
        super().__init__(class_counts)
        self.calls: list[tuple[float, Tensor, Tensor | None]] = []

    def forward(self, logits: Tensor, labels: Tensor, features: Tensor | None = None) -> Tensor:
        self.calls.append((self.progress, labels, features))
        return super().forward(logits, labels, features)


def test_every_epoch_is_another_draw_and_the_loss_is_told() -> None:
    loss, module = Watched(torch.tensor([4, 3, 3])), nn.Linear(3, 3)
    how = FitSettings(epochs=4, batch_size=10)
    fit_on_features(module.parameters(), module, TRAIN, loss, how)
    assert [progress for progress, _, _ in loss.calls] == [0, 0.25, 0.5, 0.75]
    assert len({tuple(labels.tolist()) for _, labels, _ in loss.calls}) == 4
    for _, labels, features in loss.calls:  # rows, labels and features belong together
        assert features is not None
        assert torch.equal(features.argmax(dim=1), labels)


def test_the_loss_gets_the_training_counts_and_its_options() -> None:
    loss = FitSettings(loss="ce", loss_options={"label_smoothing": 0.25}).make_loss(TRAIN, 3)
    assert loss.class_counts.tolist() == [4, 3, 3]
    assert isinstance(loss, CrossEntropyLoss)
    assert loss.label_smoothing == 0.25


def test_the_sampler_gets_its_options(monkeypatch: pytest.MonkeyPatch) -> None:
    # q = -30 draws hardly anything but the smallest class, label 1 with 1 of 10 images.
    train = Features(torch.eye(3)[[0] * 5 + [1] + [2] * 4], torch.tensor([0] * 5 + [1] + [2] * 4))
    loss, module = Watched(torch.tensor([5, 1, 4])), nn.Linear(3, 3)
    how = FitSettings(sampler="power", sampler_options={"q": -30}, epochs=1, batch_size=10)
    fit_on_features(module.parameters(), module, train, loss, how)
    assert loss.calls[0][1].tolist() == [1] * 10


@pytest.mark.parametrize(
    ("precision", "hardware", "large", "dtype"),
    [
        ("auto", True, True, torch.bfloat16),
        ("auto", True, False, torch.float32),
        ("auto", False, True, torch.float32),
        ("bf16", False, False, torch.bfloat16),
        ("fp32", True, True, torch.float32),
    ],
)
def test_when_products_are_bfloat16(
    precision: str, hardware: bool, large: bool, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("decouple.precision.has_bf16", lambda _: hardware)
    monkeypatch.setattr("stage2.fit_loop.BF16_THRESHOLD", 12 if large else 13)  # 9 weights and 3 biases
    module, observed = nn.Linear(3, 3), []

    def logits_of(rows: Tensor) -> Tensor:
        result: Tensor = module(rows)
        observed.append(result.dtype)
        return result

    how = FitSettings(epochs=20, batch_size=10, precision=precision)
    fit_on_features(module.parameters(), logits_of, TRAIN, how.make_loss(TRAIN, 3), how)
    assert set(observed) == {dtype}
    assert module.weight.dtype == torch.float32
    assert torch.equal(module(torch.eye(3)).argmax(dim=1), torch.arange(3))  # it has learned


def test_the_global_generator_is_left_alone() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    module = nn.Linear(3, 3)
    torch.manual_seed(5)
    _fit(module, TRAIN, 3, FitSettings(epochs=1))
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ({"loss": "balanced_sofmax"}, "unknown loss 'balanced_sofmax'. Did you mean 'balanced_softmax'?"),
        ({"sampler": "instanse"}, "unknown sampler 'instanse'. Did you mean 'instance'?"),
    ],
)
def test_unknown_names(names: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        FitSettings(**names)  # type: ignore[arg-type]
    assert str(caught.value).startswith(message)


def test_a_training_that_diverges_says_what_to_do() -> None:
    with pytest.raises(DecoupleError, match=r"infinite or not a number at lr=1e\+38; lower it"):
        _fit(nn.Linear(3, 3), TRAIN, 3, FitSettings(lr=1e38))
