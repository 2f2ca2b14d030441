import pytest
import torch
import torch.nn.functional as F

from decouple.classifier import Alignment, Classifier
from decouple.errors import ConfigError, DataError
from decouple.files.features import Features
from stage1.losses import LOSSES
from stage2.methods.disalign import DistributionAlignment

LINEAR = Classifier("linear", torch.tensor([[2.0, 0.5], [1.0, 0.5]]), torch.tensor([0.3, -0.2]))
COSINE = Classifier("cosine", LINEAR.weight, scale=9.0)
TRAIN = Features(torch.tensor([[1.0, 0.0], [1.0, 0.5], [0.0, 2.0]]), torch.tensor([0, 0, 1]))


def _aligned(logits: torch.Tensor, rows: torch.Tensor, given: list[torch.Tensor]) -> torch.Tensor:
    """As the paper writes it."""
    a, b, v, c = given
    share = torch.sigmoid(rows @ v + c)[:, None]
    return share * (a * logits + b) + (1 - share) * logits


def test_logits_by_hand() -> None:
    # f = (1, 0): z = (2.3, 0.8), s = sigmoid(0) = 1/2; half of (2 z + (0, 1)) and half of z.
    alignment = Alignment(torch.tensor([2.0, 2.0]), torch.tensor([0.0, 1.0]), torch.tensor([0.0, 5.0]), torch.zeros(1))
    classifier = Classifier("linear", LINEAR.weight, LINEAR.bias, alignment=alignment)
    torch.testing.assert_close(classifier.logits(torch.tensor([[1.0, 0.0]])), torch.tensor([[3.45, 1.7]]))


@pytest.mark.parametrize("classifier", [LINEAR, COSINE])
def test_no_learning_leaves_stage_one_as_it_is(classifier: Classifier) -> None:
    result = DistributionAlignment(lr=1e-30, weight_decay=0).fit(classifier, {"train": TRAIN}).classifier
    assert torch.equal(result.logits(TRAIN.features), classifier.logits(TRAIN.features))


@pytest.mark.parametrize("classifier", [LINEAR, COSINE])
@pytest.mark.parametrize("rho", [0.0, 1.0, 1.5])
def test_steps_are_those_of_float64(classifier: Classifier, rho: float) -> None:
    settings = DistributionAlignment(epochs=3, batch_size=3, momentum=0.0, weight_decay=0.01, rho=rho, lr=0.3)
    result = settings.fit(classifier, {"train": TRAIN}).classifier.alignment
    rows = TRAIN.features.double()
    wide = Classifier(
        classifier.kind,
        classifier.weight.double(),
        None if classifier.bias is None else classifier.bias.double(),
        classifier.scale,
    )
    logits, weights = wide.logits(rows), torch.tensor([3 / 2, 3.0]).double() ** rho
    learned = [torch.ones(2), torch.zeros(2), torch.zeros(2), torch.zeros(1)]
    learned = [entry.double().requires_grad_() for entry in learned]
    for epoch in range(3):
        values = F.cross_entropy(_aligned(logits, rows, learned), TRAIN.labels, reduction="none")
        loss = (weights[TRAIN.labels] * values).sum() / weights[TRAIN.labels].sum()
        lr = 0.3 / 2 * (1 + torch.cos(torch.tensor(torch.pi * epoch / 3)).item())
        gradients = torch.autograd.grad(loss, learned)
        steps = zip(learned, gradients, strict=True)
        learned = [(entry - lr * (g + 0.01 * entry)).detach().requires_grad_() for entry, g in steps]
    assert result is not None
    for name, expected in zip(("factors", "shifts", "gate", "gate_bias"), learned, strict=True):
        torch.testing.assert_close(getattr(result, name), expected.detach().float())
    assert result.gate.abs().max() > 0  # else the gate would not be tested


def test_a_large_class_no_longer_takes_all() -> None:
    classifier = Classifier("linear", torch.tensor([[10.0, 0.0], [0.0, 1.0]]))
    rows = torch.tensor([[3.0, 1.0]] * 90 + [[1.0, 3.0]] * 10)
    train = Features(rows, torch.tensor([0] * 90 + [1] * 10))
    result = DistributionAlignment(epochs=30).fit(classifier, {"train": train}).classifier
    assert classifier.logits(rows).argmax(dim=1)[90:].tolist() == [0] * 10
    assert result.logits(rows).argmax(dim=1).tolist() == train.labels.tolist()


def test_a_cosine_loss_trains_what_is_predicted() -> None:
    train = Features(torch.randn(40, 2, generator=torch.Generator().manual_seed(0)), torch.arange(40) % 2)
    result = DistributionAlignment(loss="ldam", epochs=40).fit(COSINE, {"train": train}).classifier
    loss = LOSSES["ldam"](torch.tensor([20, 20]))
    assert result.scale == loss.scale
    start = Classifier("cosine", COSINE.weight, scale=loss.scale)
    before, after = (entry.logits(train.features) / loss.scale for entry in (start, result))
    assert loss(after, train.labels) < loss(before, train.labels)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"loss=ldam needs cosines, and disalign keeps .* linear"):
        DistributionAlignment(loss="ldam").fit(LINEAR, {"train": TRAIN})
    with pytest.raises(DataError, match=r"no training image for classes \[2\] of 3"):
        DistributionAlignment().fit(Classifier("linear", torch.zeros(3, 2)), {"train": TRAIN})
    name = next(name for name, category in LOSSES.items() if not category.reweightable)
    with pytest.raises(ConfigError, match=f"disalign weights images by class, and loss={name} is no mean .*rho=0"):
        DistributionAlignment(loss=name).fit(LINEAR, {"train": TRAIN})
    assert DistributionAlignment(loss=name, rho=0.0).fit(LINEAR, {"train": TRAIN}).classifier.alignment is not None


def test_a_seed_decides_everything() -> None:
    first, again, other = (
        DistributionAlignment(seed=seed, batch_size=1).fit(LINEAR, {"train": TRAIN}).classifier.alignment
        for seed in (3, 3, 4)
    )
    assert first is not None
    assert again is not None
    assert other is not None
    assert torch.equal(first.factors, again.factors)
    assert not torch.equal(first.factors, other.factors)
