import math

import pytest
import torch
import torch.nn.functional as F

from decouple.errors import ConfigError
from stage1.losses.gcl import GCLLoss

CLOUDS = ["log", "power", "cosine"]


def batch() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(2)
    return torch.rand(8, 4, generator=generator) * 2 - 1, torch.randint(4, (8,), generator=generator)


@pytest.mark.parametrize(
    ("cloud", "expected"),
    [  # counts (1, 16, 4)
        ("log", [1.0, 0.0, 0.5]),  # log 16 = 4 log 2, 0, 2 log 2
        ("power", [1.0, 0.0, 2 / 3]),  # with p = 1/2: 4 - 1, 4 - 4, 4 - 2
        ("cosine", [1.0, 0.0, math.cos(math.pi / 8) / math.cos(math.pi / 32)]),
    ],
)
def test_cloud_sizes_by_hand(cloud: str, expected: list[float]) -> None:
    loss = GCLLoss(torch.tensor([1, 16, 4]), cloud=cloud, power=0.5)
    torch.testing.assert_close(loss.noise_scales, torch.tensor(expected, dtype=torch.float64))


def test_value_by_hand() -> None:
    # A sigma this large clamps all noise to 1: class 1, with d = 1, loses noise_scale 0.2 in any draw, class 0 nothing.
    # Cosines (0.1, 0.5), label 1, margin 0.1, scale 10: logits (1, 2), which cost log(1 + e^-1).
    loss = GCLLoss(torch.tensor([9, 1]), scale=10, noise_scale=0.2, sigma=1e9, margin=0.1)
    value = loss(torch.tensor([[0.1, 0.5]]), torch.tensor([1]))
    torch.testing.assert_close(value, torch.tensor(math.log(1 + math.exp(-1))))


@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize("counts", [[3, 40], [7, 1, 500, 2], [9, 1, 1, 300, 20, 5, 77]])
def test_equals_the_formula_and_its_slopes(counts: list[int], cloud: str, agrees) -> None:
    largest = max(counts)
    sizes = {
        "log": [math.log(largest) - math.log(n) for n in counts],
        "power": [largest ** (1 / 3) - n ** (1 / 3) for n in counts],
        "cosine": [math.cos(math.pi / 2 * n / largest) for n in counts],
    }[cloud]
    sizes = [size / max(sizes) for size in sizes]

    def formula(cosines: list[float], label: int, _: list[float]) -> float:  # with all noise clamped to 1
        terms = [20 * (c - 0.7 * sizes[j] - 0.2 * (j == label)) for j, c in enumerate(cosines)]
        return math.log(sum(map(math.exp, terms))) - terms[label]

    agrees(GCLLoss(torch.tensor(counts), scale=20, noise_scale=0.7, sigma=1e9, margin=0.2, cloud=cloud), formula)


def test_noise_is_drawn_for_each_element_and_clamped() -> None:
    # Zero cosines and scale 1 leave the noise alone: with labels 0 and two classes, class 0 free of noise, a loss of
    # log(1 + e^-u) tells the noise u of class 1. |N(0, 0.5^2)| is 1 or more, and so clamped, with probability 0.0455;
    # its median is 0.5 * 0.6745.
    torch.manual_seed(0)
    loss, labels = GCLLoss(torch.tensor([50, 1]), scale=1, sigma=0.5), torch.zeros(20_000, dtype=torch.int64)
    noise = -loss.values(torch.zeros(20_000, 2, dtype=torch.float64), labels).expm1().log()
    assert noise.min() >= 0
    assert noise.max() == pytest.approx(1, rel=1e-9)
    assert (noise > 1 - 1e-9).double().mean() == pytest.approx(0.0455, abs=0.006)
    assert noise.median() == pytest.approx(0.33724, abs=0.015)


def test_noise_of_classes_is_independent() -> None:
    # Zero cosines and scale 1: the softmax is e^-u_j up to a factor, and class 1, the target, has no noise. So the
    # gradient tells the noise of the two tail classes; one draw for a whole sample would correlate them fully.
    torch.manual_seed(0)
    logits = torch.zeros(2000, 3, dtype=torch.float64, requires_grad=True)
    GCLLoss(torch.tensor([1, 500, 1]), scale=1)(logits, torch.ones(2000, dtype=torch.int64)).backward()
    assert logits.grad is not None
    shares = 2000 * logits.grad + torch.tensor([0, 1, 0])
    noise = (shares[:, 1:2] / shares[:, [0, 2]]).log()
    assert noise.std(dim=0).min() > 0.1
    assert abs(torch.corrcoef(noise.T)[0, 1]) < 0.1


def test_noise_follows_the_seed_and_changes_from_call_to_call() -> None:
    loss, (cosines, labels) = GCLLoss(torch.tensor([5, 300, 1, 20])), batch()
    torch.manual_seed(3)
    first, second = loss(cosines, labels), loss(cosines, labels)
    torch.manual_seed(3)
    assert torch.equal(loss(cosines, labels), first)
    assert first != second


@pytest.mark.parametrize("cloud", CLOUDS)
def test_without_noise_it_is_scaled_cross_entropy(cloud: str) -> None:
    (cosines, labels), counts = batch(), torch.tensor([5, 300, 1, 20])
    expected = F.cross_entropy(30 * cosines, labels)
    assert GCLLoss(counts, cloud=cloud)(cosines, labels) > expected + 0.01  # with noise, mostly on the targets
    torch.testing.assert_close(GCLLoss(counts, cloud=cloud).eval()(cosines, labels), expected)
    torch.testing.assert_close(GCLLoss(counts, cloud=cloud, sigma=0)(cosines, labels), expected)
    torch.testing.assert_close(GCLLoss(counts, cloud=cloud, noise_scale=0)(cosines, labels), expected)


def test_evaluation_draws_nothing() -> None:
    loss, (cosines, labels) = GCLLoss(torch.tensor([5, 300, 1, 20])).eval(), batch()
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    loss(cosines, labels)
    assert torch.equal(torch.rand(1), expected)


@pytest.mark.parametrize("cloud", CLOUDS)
def test_balanced_counts_have_no_cloud(cloud: str) -> None:
    loss, (cosines, labels) = GCLLoss(torch.full((4,), 37), cloud=cloud), batch()
    assert loss.noise_scales.tolist() == [0, 0, 0, 0]
    torch.testing.assert_close(loss(cosines, labels), F.cross_entropy(30 * cosines, labels))


@pytest.mark.parametrize("training", [False, True])
def test_gradient_is_exact(training: bool) -> None:
    cosines = torch.rand(4, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64, requires_grad=True)
    loss, labels = GCLLoss(torch.tensor([30, 1, 200]), margin=0.1).train(training), torch.tensor([0, 2, 2, 1])

    def value(logits: torch.Tensor) -> torch.Tensor:
        torch.manual_seed(5)
        return loss(logits, labels)

    assert torch.autograd.gradcheck(value, (cosines,))


@pytest.mark.parametrize("cloud", CLOUDS)
def test_numbering_of_classes_changes_nothing(cloud: str, same_when_renamed) -> None:
    same_when_renamed(lambda counts: GCLLoss(counts, cloud=cloud, sigma=1e9))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scale": 0}, "scale must be above 0, got 0; 30 is usual"),
        ({"noise_scale": -1}, "noise_scale must be 0 or more, got -1; 1 is usual"),
        ({"sigma": -1}, "sigma must be 0 or more, got -1; 1/3 is usual"),
        ({"margin": -1}, "margin must be 0 or more, got -1; 0 is usual"),
        ({"power": 0}, "power must be above 0, got 0; 1/3 is usual"),
        ({"cloud": "rain"}, "cloud must be one of log, power, cosine, got 'rain'"),
    ],
)
def test_options_outside_are_refused(options: dict[str, float | str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        GCLLoss(torch.tensor([3, 1]), **options)


def test_wants_cosines_and_keeps_no_state() -> None:
    loss = GCLLoss(torch.tensor([3, 1]), scale=20).to("meta")
    assert (loss.classifier, loss.scale, loss.reweightable) == ("cosine", 20, True)
    assert loss.noise_scales.device.type == "meta"
    assert loss.state_dict() == {}
