"""The catalogue of everything that can be chosen by name, with defaults and docstrings, read from the code itself."""

import dataclasses
import inspect
from collections.abc import Mapping
from typing import Any, NamedTuple

from decouple.config.table_options import options_of
from decouple.docstrings import docstring_parts
from samplers.formulas import FORMULAS
from stage1.backbones.build import timm_backbone
from stage1.backbones.cifar_resnet import DEPTHS, CifarResNet
from stage1.losses import LOSSES
from stage1.losses.drw import DeferredReweighting
from stage1.mixup import BATCH_AUGMENTATIONS
from stage2.methods import METHODS
from stage2.settings import Stage2Config


class Category(NamedTuple):
    """A group of choices, and how one is chosen on the command line."""

    usage: str
    entries: Mapping[str, Any]  # name -> the class or function that is documented


CATEGORIES = {
    "samplers": Category("--sampler NAME [--sampler-options NAME=VALUE ...]", FORMULAS),
    "losses": Category("--loss NAME [--loss-options NAME=VALUE ...]", LOSSES),
    "re-weighting": Category("--drw [--drw-options NAME=VALUE ...]", {"drw": DeferredReweighting}),
    "mixing": Category("--mix NAME [--mix-options NAME=VALUE ...]", BATCH_AUGMENTATIONS),
    "stage two": Category("decouple stage2 --method NAME", METHODS),
    "backbones": Category("--model NAME", {**dict.fromkeys(DEPTHS, CifarResNet), "<timm model>": timm_backbone}),
}


def defaults_of(entry: Any) -> dict[str, str]:
    """Return the options of an entry with their defaults as the command line writes them."""
    unset = "chosen" if dataclasses.is_dataclass(entry) else "none"  # a method selects such a value on validation
    return {
        name: unset if parameter.default is None else _written(parameter.default)
        for name, parameter in options_of(entry).items()
        if _is_documented(parameter)
    }


def meaning_of(entry: Any, option: str) -> str:
    """Return the docstring's words on an option, or for a stage-two method the help of `decouple stage2`."""
    meaning = docstring_parts(entry).arguments.get(option)
    return meaning or str(Stage2Config.__dataclass_fields__[option].metadata["help"])


def _is_documented(parameter: inspect.Parameter) -> bool:
    """Return False for the seed, and for mappings of options, whose default is a new one each time."""
    return parameter.name != "seed" and not parameter.name.endswith("_options")


def _written(default: object) -> str:
    if isinstance(default, bool):
        return str(default).lower()
    return f"{default:g}" if isinstance(default, float) else str(default)
