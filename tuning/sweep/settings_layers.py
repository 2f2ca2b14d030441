"""Settings in layers: a later one wins, options go with the choice that they belong to, milestones with the epochs."""

from collections.abc import Iterable, Mapping
from typing import Any

from decouple.datasets.settings import OPTION_DATA_SETS

_OPTIONS_OF = {"loss": "loss_options", "sampler": "sampler_options", "mix": "mix_options", "drw": "drw_options"}


def merge_layers(layers: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the settings of all layers, a later one winning.

    A layer that changes a loss, a sampler, a batch augmentation or a data set drops the options of the former one.

    Example:
        >>> merge_layers([{"loss": "gcl", "loss_options": {"scale": 30}, "lr": 0.1}, {"loss": "ce"}])
        {'loss': 'ce', 'lr': 0.1}
    """
    merged: dict[str, Any] = {}
    for layer in layers:
        for choice, options in _OPTIONS_OF.items():
            if _changes(choice, merged, layer):
                merged.pop(options, None)
        if _changes("data", merged, layer):
            for name, data_sets in OPTION_DATA_SETS.items():
                if layer["data"] not in data_sets:
                    merged.pop(name, None)
        merged.update(layer)
    return merged


def scale_epochs(options: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings with those of a profile; milestones and warm-up keep their share of the epochs.

    Milestones stay one epoch apart at least and before the end; those that cannot are dropped.

    Args:
        options: with `epochs`, and perhaps `milestones`, `warmup_epochs` and `step_size`.
        changes: of the profile; what it names itself is not scaled.

    Example:
        >>> scale_epochs({"epochs": 200, "milestones": (160, 180), "warmup_epochs": 5}, {"epochs": 20})
        {'epochs': 20, 'milestones': (16, 18), 'warmup_epochs': 0}
    """
    merged = merge_layers([options, changes])
    before, now = options.get("epochs"), changes.get("epochs")
    if before is None or now is None or before == now:
        return merged
    share = now / before
    if "milestones" in options and "milestones" not in changes:
        merged["milestones"] = _scaled_milestones(options["milestones"], share, now)
    if options.get("warmup_epochs") is not None and "warmup_epochs" not in changes:
        merged["warmup_epochs"] = round(options["warmup_epochs"] * share)
    if "step_size" in options and "step_size" not in changes:
        merged["step_size"] = max(1, round(options["step_size"] * share))
    return merged


def _scaled_milestones(milestones: Iterable[int], share: float, epochs: int) -> tuple[int, ...]:
    scaled: list[int] = []
    for milestone in milestones:
        epoch = max(1, round(milestone * share))
        if epoch < epochs and epoch > (scaled[-1] if scaled else 0):
            scaled.append(epoch)
    return tuple(scaled)


def _changes(choice: str, merged: Mapping[str, Any], layer: Mapping[str, Any]) -> bool:
    return choice in layer and choice in merged and merged[choice] != layer[choice]
