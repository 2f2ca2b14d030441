import subprocess
import sys

import pytest
import torch

from stage2.momentum_sgd import MomentumSGD


def test_two_steps_by_hand() -> None:
    # v1 = 1 + 0.5 * 2 = 2, w1 = 2 - 0.1 * 2 = 1.8; v2 = 0.5 * 2 + (3 + 0.5 * 1.8) = 4.9, w2 = 1.8 - 0.2 * 4.9 = 0.82.
    weight = torch.tensor([2.0])
    optimizer = MomentumSGD([weight], momentum=0.5, weight_decay=0.5)
    optimizer.step([torch.tensor([1.0])], 0.1)
    torch.testing.assert_close(weight, torch.tensor([1.8]))
    optimizer.step([torch.tensor([3.0])], 0.2)
    torch.testing.assert_close(weight, torch.tensor([0.82]))


@pytest.mark.parametrize("width", [3, 250])  # all in one piece; several, and a small one
@pytest.mark.parametrize(("momentum", "weight_decay"), [(0.9, 5e-4), (0.0, 0.1), (0.9, 0.0)])
def test_the_weights_of_torch_to_the_last_bit(momentum: float, weight_decay: float, width: int) -> None:
    rng = torch.Generator().manual_seed(0)
    ours = [torch.randn(width, 140, generator=rng), torch.randn(7, generator=rng)]
    theirs = [entry.clone().requires_grad_() for entry in ours]
    optimizer = MomentumSGD(ours, momentum=momentum, weight_decay=weight_decay)
    baseline = torch.optim.SGD(theirs, lr=1.0, momentum=momentum, weight_decay=weight_decay)
    for step in range(20):
        lr = 0.1 / (1 + step)
        gradients = [torch.randn(*entry.shape, 2, generator=rng)[..., 0] for entry in ours]  # not contiguous
        optimizer.step(gradients, lr)
        baseline.param_groups[0]["lr"] = lr
        for parameter, gradient in zip(theirs, gradients, strict=True):
            parameter.grad = gradient
        baseline.step()
    assert all(torch.equal(mine, other) for mine, other in zip(ours, theirs, strict=True))


def test_a_factor_for_each_parameter_is_a_parameter_group_of_torch() -> None:
    rng = torch.Generator().manual_seed(0)
    ours = [torch.randn(4, 5, generator=rng), torch.randn(4, generator=rng)]
    theirs = [entry.clone().requires_grad_() for entry in ours]
    optimizer = MomentumSGD(ours, momentum=0.9, weight_decay=0.01, lr_factors=[0.5, 1.0])
    groups = [{"params": [theirs[0]], "lr": 0.05}, {"params": [theirs[1]], "lr": 0.1}]
    baseline = torch.optim.SGD(groups, momentum=0.9, weight_decay=0.01)
    for _ in range(5):
        gradients = [torch.randn(entry.shape, generator=rng) for entry in ours]
        optimizer.step(gradients, 0.1)
        for parameter, gradient in zip(theirs, gradients, strict=True):
            parameter.grad = gradient
        baseline.step()
    assert all(torch.equal(mine, other) for mine, other in zip(ours, theirs, strict=True))


def test_a_fit_leaves_the_compiler_of_torch_out() -> None:
    lines = (
        "import sys, torch",
        "from torch import nn",
        "from decouple.files.features import Features",
        "from stage2.fit_loop import FitSettings, fit_on_features",
        "train, how, module = Features(torch.eye(3), torch.arange(3)), FitSettings(epochs=1), nn.Linear(3, 3)",
        "fit_on_features(module.parameters(), module, train, how.make_loss(train, 3), how)",
        "sys.exit('torch._dynamo' in sys.modules)",
    )
    assert subprocess.run([sys.executable, "-c", "; ".join(lines)]).returncode == 0
