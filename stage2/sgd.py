"""Gradient descent with momentum, without `torch.optim`, whose first use imports torch's compiler for seconds."""

from collections.abc import Sequence

import torch
from torch import Tensor

AT_ONCE = 2**15  # numbers: they stay near the processor through all four operations, which torch does in one thread


class MomentumSGD:
    """SGD with momentum m and weight decay d: ``v <- m v + (g + d w)``, ``w <- w - lr v``, with v from 0.

    The same operations in the same order as `torch.optim.SGD`, so the same weights to the last bit.
    """

    def __init__(self, parameters: Sequence[Tensor], *, momentum: float, weight_decay: float) -> None:
        self.parameters, self.momentum, self.weight_decay = parameters, momentum, weight_decay
        self._velocities = [torch.zeros_like(each) for each in parameters]

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor], lr: float) -> None:
        """Change the parameters in place; `gradients` stand in their order."""
        for trio in zip(self.parameters, self._velocities, gradients, strict=True):
            pieces = (torch.split(each.reshape(-1), AT_ONCE) for each in trio)  # views, as ours are contiguous
            for parameter, velocity, gradient in zip(*pieces, strict=True):
                velocity.mul_(self.momentum).add_(gradient.add(parameter, alpha=self.weight_decay))
                parameter.add_(velocity, alpha=-lr)
