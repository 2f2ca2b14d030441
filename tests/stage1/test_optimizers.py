from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from decouple.errors import ConfigError
from stage1.optimizers import make_optimizer, require_optimizer
from stage1.trainer import Training

Make = Callable[..., Training]


def _step(name: str, weight: float = 1.0, gradient: float = 2.0, **options: object) -> float:
    """Return a weight after one step of lr 0.1 and weight decay 0.5."""
    parameter = torch.tensor([weight], requires_grad=True)
    values = {"lr": 0.1, "weight_decay": 0.5, "momentum": 0.9, "options": {}, **options}
    optimizer = make_optimizer(name, [parameter], **values)  # type: ignore[arg-type]
    parameter.grad = torch.tensor([gradient])
    optimizer.step()
    return parameter.item()


def test_a_first_step_worked_by_hand() -> None:
    # sgd: 1 - 0.1 (2 + 0.5). adam: the first step is lr times the sign. adamw: 1 - 0.1 0.5 before it.
    assert _step("sgd") == pytest.approx(0.75)
    assert _step("adam") == pytest.approx(0.9)
    assert _step("adamw") == pytest.approx(0.85)
    # lion of timm: decay as adamw, then lr times the sign. rmsproptf: its average starts at 1, 0.9 + 0.1 2.5^2 = 1.525.
    assert _step("lion") == pytest.approx(0.85)
    assert _step("rmsproptf", momentum=0.0) == pytest.approx(1 - 0.1 * 2.5 / 1.525**0.5, abs=1e-5)


@pytest.mark.parametrize(
    ("name", "kind"), [("sgd", torch.optim.SGD), ("adam", torch.optim.Adam), ("adamw", torch.optim.AdamW)]
)
def test_optimisers_of_torch_are_fused(name: str, kind: type[torch.optim.Optimizer]) -> None:
    weights: list[Tensor] = [torch.zeros(1, requires_grad=True)]
    optimizer = make_optimizer(name, weights, lr=0.1, weight_decay=0.2, momentum=0.7, options={})
    assert type(optimizer) is kind
    assert optimizer.defaults["fused"] is True
    assert optimizer.defaults["weight_decay"] == 0.2
    assert optimizer.defaults.get("momentum", 0.7) == 0.7


def test_options_reach_the_optimiser() -> None:
    weights: list[Tensor] = [torch.zeros(1, requires_grad=True)]
    for name in ("adamw", "nadamw"):
        options = {"eps": 1e-3, "betas": "0.8,0.95"}
        optimizer = make_optimizer(name, weights, lr=0.1, weight_decay=0, momentum=0.9, options=options)
        assert (optimizer.defaults["eps"], optimizer.defaults["betas"]) == (1e-3, (0.8, 0.95))


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("adanw2", {}, r"unknown optimiser 'adanw2'. Did you mean 'adanw'\? Known: sgd, adam, adamw and those of timm"),
        ("adahessian", {}, r"optimiser 'adahessian' needs second derivatives"),
        ("kronw", {}, r"optimiser 'kronw' keeps its state in lists that a checkpoint does not store"),
        ("adamw", {"epsilon": 1}, r"optimiser 'adamw' cannot be made with these optimizer_options: .*epsilon"),
        ("lion", {"betas": "2,3"}, r"optimiser 'lion' cannot be made with these optimizer_options: .*beta"),
    ],
)
def test_wrong_names_and_options_are_refused(name: str, options: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        require_optimizer(name, options)
