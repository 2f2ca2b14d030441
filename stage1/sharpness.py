"""Sharpness-aware minimisation: the gradient where the loss rises most, within a ball around the weights."""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor

_TINY = 1e-12  # added to the norm, so that a gradient of zero moves nothing


@torch.no_grad()
def sharpness_aware_gradients(
    parameters: Iterable[Tensor], buffers: Iterable[Tensor], rho: float, backward: Callable[[], None]
) -> None:
    """Replace the gradients g at the weights w by those at ``w + rho g / ||g||``; the weights stay as they are.

    The norm is that of all gradients together. An optimiser step with these gradients is a step of SAM, whatever the
    optimiser. The buffers, such as the statistics of batch norm, stay those of the first pass.

    Source: Foret et al., ICLR 2021, arXiv:2010.01412, equation 2 and algorithm 1.

    Args:
        parameters: those that are trained; gradients of the batch are in them.
        buffers: tensors that a forward pass may change.
        rho: radius of the ball, above 0.
        backward: clears the gradients and computes those of the same batch at the present weights.

    Example:
        The loss w^2 has the gradient 2 at w = 1; one step of 0.5 uphill the gradient is 3.

        >>> w = torch.ones(1, requires_grad=True)
        >>> (w**2).sum().backward()
        >>> def backward():
        ...     w.grad = None
        ...     (w**2).sum().backward()
        >>> sharpness_aware_gradients([w], [], 0.5, backward)
        >>> w.grad, w.data
        (tensor([3.]), tensor([1.]))
    """
    moved = [parameter for parameter in parameters if parameter.grad is not None]
    gradients = [parameter.grad for parameter in moved if parameter.grad is not None]
    saved_buffers = [(buffer, buffer.clone()) for buffer in buffers]
    saved_weights = [parameter.clone() for parameter in moved]
    norm = torch.stack(torch._foreach_norm(gradients)).norm()
    torch._foreach_add_(moved, torch._foreach_mul(gradients, rho / (norm + _TINY)))
    with torch.enable_grad():
        backward()
    torch._foreach_copy_(moved, saved_weights)
    for buffer, saved in saved_buffers:
        buffer.copy_(saved)
