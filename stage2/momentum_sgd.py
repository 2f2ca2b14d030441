"""SGD with momentum, without `torch.optim`, whose first use imports torch's compiler for seconds."""

from collections.abc import Sequence

import torch
from torch import Tensor

from decouple.checks import require_number

NUMBERS_CHUNK = 2**15  # they stay in the processor's cache through all four operations, which torch does in one thread


class MomentumSGD:
    """SGD with momentum m and weight decay d: ``v <- m v + (g + d w)``, ``w <- w - lr v``, with v from 0.

    The same operations in the same order as `torch.optim.SGD`, so the same weights to the last bit. Few weights are
    moved into one piece of memory, so that a step is four operations for any number of parameters; many weights are
    updated chunk by chunk.

    Args:
        parameters: changed in place.
        momentum: m.
        weight_decay: d.
        lr_factors: of each parameter, on the learning rate; default: 1.

    Raises:
        ConfigError: momentum is not in [0, 1), or weight_decay is below 0.

    Example:
        A gradient of 1 with weight decay 0.5 on the weight 2: 2 - 0.1 * (1 + 0.5 * 2).

        >>> weight = torch.tensor([2.0])
        >>> MomentumSGD([weight], momentum=0.9, weight_decay=0.5).step([torch.tensor([1.0])], lr=0.1)
        >>> weight
        tensor([1.8000])
    """

    def __init__(
        self,
        parameters: Sequence[Tensor],
        *,
        momentum: float,
        weight_decay: float,
        lr_factors: Sequence[float] | None = None,
    ) -> None:
        require_number("momentum", momentum, at_least=0, below=1)
        require_number("weight_decay", weight_decay, at_least=0)
        self.momentum, self.weight_decay = momentum, weight_decay
        few = sum(parameter.numel() for parameter in parameters) <= NUMBERS_CHUNK
        self._joined = few and lr_factors is None
        self._lr_factors = [1.0] * len(parameters) if lr_factors is None else lr_factors
        tensors = [_join(parameters)] if self._joined else parameters
        self._pairs = [
            list(zip(_chunks(tensor), _chunks(torch.zeros_like(tensor)), strict=True)) for tensor in tensors
        ]  # for each tensor the chunks of its weights and of its velocity

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor], lr: float) -> None:
        """Change the parameters in place; `gradients` have their order."""
        tensors = [torch.cat([gradient.reshape(-1) for gradient in gradients])] if self._joined else gradients
        factors = [1.0] if self._joined else self._lr_factors
        for pairs, tensor, factor in zip(self._pairs, tensors, factors, strict=True):
            for (weights, velocity), gradient in zip(pairs, _chunks(tensor), strict=True):
                velocity.mul_(self.momentum).add_(gradient.add(weights, alpha=self.weight_decay))
                weights.add_(velocity, alpha=-lr * factor)


def _join(parameters: Sequence[Tensor]) -> Tensor:
    """Move the parameters side by side in memory, and return them as one tensor."""
    joined = torch.cat([parameter.detach().reshape(-1) for parameter in parameters])
    sizes = [parameter.numel() for parameter in parameters]
    for parameter, view in zip(parameters, torch.split(joined, sizes), strict=True):
        parameter.data = view.view(parameter.shape)
    return joined


def _chunks(tensor: Tensor) -> Sequence[Tensor]:
    """Return views of a contiguous tensor's numbers in order; of a small tensor one view of it as it is."""
    if tensor.numel() <= NUMBERS_CHUNK:
        return [tensor.detach()]
    return torch.split(tensor.detach().reshape(-1), NUMBERS_CHUNK)
