"""Optimisers of stage one by name: sgd, adam and adamw of torch, and those of timm."""

import importlib
from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

from decouple.config.table_options import OptionValue
from decouple.errors import ConfigError
from decouple.nearest_name import did_you_mean

_FUSED: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
}  # one kernel for all parameters
OWN = ("sgd", *_FUSED)
_REFUSED = {  # part of a name -> why a run with it could not be trained and resumed to the same bits
    "adafactorbv": "does not train float32 weights on every device",
    "kron": "keeps its state in lists that a checkpoint does not store, so that no run could be resumed",
}


def make_optimizer(
    name: str,
    parameters: Iterable[Tensor],
    *,
    lr: float,
    weight_decay: float,
    momentum: float,
    options: Mapping[str, OptionValue],
) -> torch.optim.Optimizer:
    """Return an optimiser of `parameters`; weight decay acts on all of them.

    `sgd` (with momentum, not Nesterov's), `adam` and `adamw` are those of torch in their fused form; other names are
    those of `timm.optim.list_optimizers()`, made by `timm.optim.create_optimizer_v2`.

    Args:
        name: of the optimiser.
        parameters: those that are trained.
        lr: learning rate; the schedule sets another one at every step.
        weight_decay: added to the gradient as L2, or decoupled, as the optimiser has it.
        momentum: in [0, 1); not used by optimisers without one.
        options: of the optimiser, as timm names them, such as ``eps``; ``betas`` is a text of numbers, "0.9,0.95".

    Raises:
        ConfigError: there is no such optimiser or option, or a value does not fit.

    Example:
        >>> weights = [torch.zeros(2, requires_grad=True)]
        >>> type(make_optimizer("adamw", weights, lr=0.1, weight_decay=0, momentum=0.9, options={})).__name__
        'AdamW'
    """
    try:
        return _make(name, list(parameters), lr, weight_decay, momentum, _as_numbers(options))
    except ConfigError:
        raise
    except Exception as error:  # optimisers refuse their options with any error, from assert to a missing package
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        with_options = " with these `optimizer_options`" if options else ""
        raise ConfigError(f"optimiser '{name}' cannot be made{with_options}: {reason}") from None


def require_optimizer(name: str, options: Mapping[str, OptionValue]) -> None:
    """Check that there is an optimiser of that name and that it takes the options.

    Raises:
        ConfigError: there is none, or it does not.
    """
    make_optimizer(name, [torch.zeros(2, 2, requires_grad=True)], lr=0.1, weight_decay=0, momentum=0.9, options=options)


def _make(
    name: str, parameters: list[Tensor], lr: float, weight_decay: float, momentum: float, options: dict[str, Any]
) -> torch.optim.Optimizer:
    if name == "sgd":
        return torch.optim.SGD(parameters, lr=lr, momentum=momentum, weight_decay=weight_decay, fused=True, **options)
    if name in _FUSED:
        return _FUSED[name](parameters, lr=lr, weight_decay=weight_decay, fused=True, **options)
    timm_optim = _timm_optim()
    _require_known(name, timm_optim)
    made: torch.optim.Optimizer = timm_optim.create_optimizer_v2(
        parameters, opt=name, lr=lr, weight_decay=weight_decay, momentum=momentum, **options
    )
    return made


def _require_known(name: str, timm_optim: ModuleType) -> None:
    known = sorted({*OWN, *timm_optim.list_optimizers()})
    if name not in known:
        raise ConfigError(
            f"unknown optimiser '{name}'.{did_you_mean(name, known)} Known: {', '.join(OWN)} and those of timm "
            "(timm.optim.list_optimizers())."
        )
    for part, reason in _REFUSED.items():
        if part in name:
            raise ConfigError(f"optimiser '{name}' {reason}; choose another one")
    if timm_optim.get_optimizer_info(name).second_order:
        raise ConfigError(f"optimiser '{name}' needs second derivatives, which a step does not compute")


def _as_numbers(options: Mapping[str, OptionValue]) -> dict[str, Any]:
    """Return the options with texts such as "1e-6" and "0.9,0.95" as numbers."""
    return {name: _as_number(value) if isinstance(value, str) else value for name, value in options.items()}


def _as_number(text: str) -> Any:
    try:
        numbers = tuple(float(number) for number in text.strip("()[] ").split(","))  # YAML reads 1e-6 as a text
        return numbers if "," in text else numbers[0]
    except ValueError:
        return text


def _timm_optim() -> ModuleType:
    """Import timm only for optimisers that need it, for it takes 2 s."""
    return importlib.import_module("timm.optim")
