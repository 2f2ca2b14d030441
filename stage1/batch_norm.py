"""The running statistics of batch norm, computed again on other images than those of the training."""

import contextlib
from collections.abc import Iterable, Iterator

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from decouple.errors import ConfigError


@torch.no_grad()
def renew_statistics(network: nn.Module, batches: Iterable[Tensor]) -> None:
    """Replace the running mean and variance of every batch norm by their average over `batches`; weights stay.

    Each batch counts alike. All other modules are in evaluation mode, so that dropout drops nothing; at the end the
    whole network is.

    Source: Zhong et al., CVPR 2021, arXiv:2104.00466, section 3.3, "shift learning on batch normalization".

    Args:
        network: called with each batch.
        batches: inputs, one or more.

    Raises:
        ConfigError: the network has no batch norm with running statistics.

    Example:
        Two batches with the means 1 and 3, and the unbiased variances 2 and 8.

        >>> norm = nn.BatchNorm1d(1)
        >>> renew_statistics(norm, [torch.tensor([[0.0], [2.0]]), torch.tensor([[1.0], [5.0]])])
        >>> norm.running_mean, norm.running_var
        (tensor([2.]), tensor([5.]))
    """
    norms = [module for module in network.modules() if isinstance(module, _BatchNorm) and module.track_running_stats]
    if not norms:
        raise ConfigError("the backbone has no batch norm whose statistics could be shifted; use `weights=last`")
    network.eval()
    with _averaging(norms):
        for batch in batches:
            network(batch)
    network.eval()


@contextlib.contextmanager
def _averaging(norms: list[_BatchNorm]) -> Iterator[None]:
    """Let the norms average over all batches from now on; afterwards they have their own momentum again."""
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # torch's word for the average
        norm.train()
    try:
        yield
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
