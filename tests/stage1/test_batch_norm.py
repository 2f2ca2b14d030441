import pytest
import torch
from torch import nn

from decouple.errors import ConfigError
from stage1.batch_norm import renew_statistics


def _network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.5), nn.Conv2d(4, 2, 3))


def _batches() -> list[torch.Tensor]:
    return [torch.randn(5, 3, 6, 6, generator=torch.Generator().manual_seed(seed)) + seed for seed in range(3)]


def test_statistics_are_the_averages_over_the_batches() -> None:
    network = _network()
    renew_statistics(network, _batches())
    outputs = [network[0](batch).detach().double().transpose(0, 1).flatten(1) for batch in _batches()]
    mean = sum(output.mean(dim=1) for output in outputs) / 3
    variance = sum(output.var(dim=1) for output in outputs) / 3  # unbiased
    norm = network[1]
    assert isinstance(norm, nn.BatchNorm2d)
    torch.testing.assert_close(norm.running_mean, mean.float(), rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(norm.running_var, variance.float(), rtol=1e-5, atol=1e-5)


def test_nothing_else_changes() -> None:
    network, before = _network(), _network()
    renew_statistics(network, _batches())
    assert not network.training
    assert not any(module.training for module in network.modules())
    assert network[1].momentum == before[1].momentum
    for ours, theirs in zip(network.parameters(), before.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_earlier_statistics_do_not_matter() -> None:
    one, other = _network(), _network()
    renew_statistics(other, [batch * 7 for batch in _batches()])
    for network in (one, other):
        renew_statistics(network, _batches())
    assert torch.equal(one[1].running_mean, other[1].running_mean)


def test_a_network_without_batch_norm_is_refused() -> None:
    with pytest.raises(ConfigError, match="has no batch norm whose statistics could be shifted"):
        renew_statistics(nn.Linear(2, 2), [torch.zeros(3, 2)])
