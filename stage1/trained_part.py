"""Which part of a network is trained; the rest stays as its pretrained weights are."""

from typing import Protocol, runtime_checkable

from torch import nn

from decouple.errors import ConfigError
from stage1.network import Network
from stage1.settings import Stage1Config


@runtime_checkable
class HasLastBlock(Protocol):
    """A backbone that knows its last block."""

    def last_block(self) -> frozenset[str]:
        """Return the names of the parameters of the last stage, and of what follows it; none if it is unknown."""


def require_trained_part(config: Stage1Config) -> None:
    """Check that a backbone that is not trained from its first layer on begins with pretrained weights.

    Raises:
        ConfigError: it would stay random.
    """
    if config.train != "all" and config.pretrained is None:
        raise ConfigError(
            f"`train={config.train}` keeps the backbone as it begins, which is random without `pretrained`; give "
            "pretrained weights, or use `train=all`"
        )


def freeze(network: Network, config: Stage1Config) -> None:
    """Exclude from training all parameters but those of `config.train`; the other layers stay in evaluation mode.

    Raises:
        ConfigError: the last block is to be trained, and is unknown.
    """
    if config.train == "all":
        return
    trained = _last_block(network.backbone, config.model) if config.train == "last-block" else frozenset()
    for name, parameter in network.backbone.named_parameters():
        parameter.requires_grad_(name in trained)
    network.frozen = (
        tuple(module for module in network.backbone.modules() if _is_frozen(module)) if trained else (network.backbone,)
    )


def _is_frozen(module: nn.Module) -> bool:
    """Return whether a module has parameters, and none is trained; one without belongs to the module around it."""
    trainable = [parameter.requires_grad for parameter in module.parameters()]
    return bool(trainable) and not any(trainable)


def _last_block(backbone: nn.Module, model: str) -> frozenset[str]:
    names = backbone.last_block() if isinstance(backbone, HasLastBlock) else frozenset()
    if not names:
        raise ConfigError(f"the last block of '{model}' is unknown; use `train=head` or `train=all`")
    return names
