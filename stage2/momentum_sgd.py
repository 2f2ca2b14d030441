"""Gradient descent with momentum, without `torch.optim`, whose first use imports torch's compiler for seconds."""

from collections.abc import Sequence

import torch
from torch import Tensor

AT_ONCE = 2**15  # numbers: they stay near the processor through all four operations, which torch does in one thread


class MomentumSGD:
    """SGD with momentum m and weight decay d: ``v <- m v + (g + d w)``, ``w <- w - lr v``, with v from 0.

    The same operations in the same order as `torch.optim.SGD`, so the same weights to the last bit. Few weights are
    moved into one piece of memory, so that a step is four operations whatever the number of parameters; many are gone
    through piece by piece.
    """

    def __init__(self, parameters: Sequence[Tensor], *, momentum: float, weight_decay: float) -> None:
        self.momentum, self.weight_decay = momentum, weight_decay
        self._few = sum(each.numel() for each in parameters) <= AT_ONCE
        wholes = [_joined(parameters)] if self._few else parameters
        self._pairs = [list(zip(_pieces(each), _pieces(torch.zeros_like(each)), strict=True)) for each in wholes]

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor], lr: float) -> None:
        """Change the parameters in place; `gradients` stand in their order."""
        wholes = [torch.cat([each.reshape(-1) for each in gradients])] if self._few else gradients
        for pairs, whole in zip(self._pairs, wholes, strict=True):
            for (parameter, velocity), gradient in zip(pairs, _pieces(whole), strict=True):
                velocity.mul_(self.momentum).add_(gradient.add(parameter, alpha=self.weight_decay))
                parameter.add_(velocity, alpha=-lr)


def _joined(parameters: Sequence[Tensor]) -> Tensor:
    """Move the parameters side by side, and return them as one."""
    whole = torch.cat([each.detach().reshape(-1) for each in parameters])
    for parameter, part in zip(parameters, torch.split(whole, [each.numel() for each in parameters]), strict=True):
        parameter.data = part.view(parameter.shape)
    return whole


def _pieces(whole: Tensor) -> Sequence[Tensor]:
    """Return views of a tensor's numbers in order, of those of a contiguous one at least; of a small one itself."""
    return [whole.detach()] if whole.numel() <= AT_ONCE else torch.split(whole.detach().reshape(-1), AT_ONCE)
