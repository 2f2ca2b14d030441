"""The allowed values of the methods' hyper-parameters, for the methods and for the command; without torch.

The command line needs them before it may import torch, see `stage2.settings`.
"""

import dataclasses
from collections.abc import Callable
from functools import partial
from typing import Any

from decouple.checks import require_choice, require_flag, require_number, require_whole
from decouple.errors import ConfigError

_CHECKS: dict[str, Callable[[object], None]] = {
    "epochs": partial(require_whole, "epochs", at_least=1),
    "batch_size": partial(require_whole, "batch_size", at_least=1),
    "lr": partial(require_number, "lr", above=0),
    "momentum": partial(require_number, "momentum", at_least=0, below=1, usual="0.9 is usual"),
    "weight_decay": partial(require_number, "weight_decay", at_least=0, usual="5e-4 is a usual start"),
    "norm_threshold": partial(require_number, "norm_threshold", at_least=0, at_most=1, usual="0.1 is usual"),
    "lr_factor": partial(require_number, "lr_factor", at_least=0, at_most=1, usual="0.2 is usual"),
    "fixed_scale": partial(require_flag, "fixed_scale"),
    "smoothing": partial(require_number, "smoothing", at_least=0, below=1, usual="0.98 is usual"),
    "rho": partial(require_number, "rho", at_least=0, at_most=4, usual="1 is usual"),
    "tau": partial(require_number, "tau", at_least=-10, at_most=10, usual="0 to 2 is usual"),
    "k": partial(require_whole, "k", at_least=1),
    "keep_bias": partial(require_flag, "keep_bias"),
    "metric": partial(require_choice, "metric", choices=("cosine", "euclidean", "cl2n")),
    "precision": partial(require_choice, "precision", choices=("auto", "bf16", "fp32")),
    "seed": partial(require_whole, "seed"),
}


def require_hyperparameters(settings: Any, *, several: bool = False) -> None:
    """Check the fields of a dataclass that have the names of hyper-parameters.

    Args:
        settings: of a method or of a command. None is allowed where it is the field's default.
        several: a field may hold a tuple of values, none of them twice: the candidates of a selection.

    Raises:
        ConfigError: a value is not allowed; the message names the field.

    Example:
        >>> from stage2.settings import Stage2Config
        >>> Stage2Config(momentum=5)
        Traceback (most recent call last):
        decouple.errors.ConfigError: momentum must be 0 or more and below 1, got 5; 0.9 is usual
    """
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        if field.name not in _CHECKS or (value is None and field.default is None):
            continue
        candidates = value if several and isinstance(value, tuple) else (value,)
        if not candidates:
            raise ConfigError(f"`{field.name}` needs a value, or leave it out")
        for candidate in candidates:
            _CHECKS[field.name](candidate)
        if len(set(candidates)) < len(candidates):
            raise ConfigError(f"`{field.name}` names a value twice: {', '.join(f'{value:g}' for value in candidates)}")


def require_folds(folds: object) -> None:
    """Check a number of folds: 0, or 2 or more.

    Raises:
        ConfigError: it is not.
    """
    require_whole("folds", folds, at_least=0)
    if folds == 1:
        raise ConfigError("`folds` must be 2 or more, or 0 for the validation split, got 1")
