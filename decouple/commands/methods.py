"""`decouple methods`: what there is to choose from, with defaults and sources, read from the code itself."""

import dataclasses
import inspect
from collections.abc import Mapping
from typing import Any, NamedTuple

from decouple.config.command_line import Parsed
from decouple.config.command_settings import MethodsConfig
from decouple.config.table_options import options_of
from decouple.docstrings import DocstringParts, docstring_parts
from decouple.lookup import look_up
from decouple.report.tables import console, rows_table
from samplers.probabilities import FORMULAS
from stage1.backbones.build import timm_backbone
from stage1.backbones.cifar_resnet import DEPTHS, CifarResNet
from stage1.losses import LOSSES
from stage1.losses.drw import DeferredReweighting
from stage1.mixup import BATCH_AUGMENTATIONS
from stage2.methods import METHODS
from stage2.settings import Stage2Config


class Kind(NamedTuple):
    """A group of methods, and how it is chosen on the command line."""

    choice: str
    entries: Mapping[str, Any]  # name: the class or function that is documented


KINDS = {
    "samplers": Kind("--sampler NAME [--sampler-options NAME=VALUE ...]", FORMULAS),
    "losses": Kind("--loss NAME [--loss-options NAME=VALUE ...]", LOSSES),
    "re-weighting": Kind("--drw [--drw-options NAME=VALUE ...]", {"drw": DeferredReweighting}),
    "mixing": Kind("--mix NAME [--mix-options NAME=VALUE ...]", BATCH_AUGMENTATIONS),
    "stage two": Kind("decouple stage2 --method NAME", METHODS),
    "backbones": Kind("--model NAME", {**dict.fromkeys(DEPTHS, CifarResNet), "<timm model>": timm_backbone}),
}


def run(parsed: Parsed[MethodsConfig]) -> None:
    """Do it."""
    if parsed.settings.name is not None:
        _show_one(parsed.settings.name)
        return
    out = console()
    for title, kind in KINDS.items():
        out.print(f"[bold]{title}[/bold]: {kind.choice}".replace("[--", r"\[--"), highlight=False)
        out.print(rows_table([_row(name, entry) for name, entry in kind.entries.items()], best=None))
    out.print("`decouple methods --name NAME` says all of one: formula, options, when to use it", highlight=False)


def defaults_of(entry: Any) -> dict[str, str]:
    """Return the options of a method with their defaults as they are written on the command line."""
    unset = "chosen" if dataclasses.is_dataclass(entry) else "none"  # a method chooses its knobs on validation
    return {
        name: unset if each.default is None else _written(each.default)
        for name, each in options_of(entry).items()
        if _is_shown(each)
    }


def meaning_of(entry: Any, option: str) -> str:
    """Return what the docstring says of an option, or for a stage-two method what `decouple stage2 --help` does."""
    said = docstring_parts(entry).arguments.get(option)
    return said or str(Stage2Config.__dataclass_fields__[option].metadata["help"])


def _row(name: str, entry: Any) -> dict[str, object]:
    said = docstring_parts(entry)
    options = ", ".join(f"{option}={default}" for option, default in defaults_of(entry).items())
    return {"name": name, "what": _plain(said.summary), "options": options or None, "source": _plain(said.source)}


def _show_one(name: str) -> None:
    everything = {key: (title, entry) for title, kind in KINDS.items() for key, entry in kind.entries.items()}
    title, entry = look_up(everything, name, "method")
    said = docstring_parts(entry)
    lines = [f"{name} ({title}: {KINDS[title].choice})", "", said.summary, *_paragraphs(said), "", "options:"]
    for option, default in defaults_of(entry).items():
        lines.append(f"  {option} ({default}): {meaning_of(entry, option)}")
    if not defaults_of(entry):
        lines.append("  none")
    for line in lines:
        console().print(_plain(line), highlight=False, markup=False, soft_wrap=True)


def _paragraphs(said: DocstringParts) -> list[str]:
    return [*said.body, f"Source: {said.source}", f"Use: {said.use}"]


def _is_shown(parameter: inspect.Parameter) -> bool:
    """Leave out the mappings of options, whose default is made anew for each."""
    return parameter.name != "seed" and not parameter.name.endswith("_options")


def _written(default: object) -> str:
    if isinstance(default, bool):
        return str(default).lower()
    return f"{default:g}" if isinstance(default, float) else str(default)


def _plain(text: str) -> str:
    return text.replace("``", "")
