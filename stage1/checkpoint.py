"""Save and restore a training, so that it goes on as if it had never stopped."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from decouple.errors import RunError
from decouple.files.tensor_files import read_tensors, write_tensors
from stage1.network import Network
from stage1.trainer import Training

COUNTERS = ("epoch", "step", "seconds", "history", "best_epoch", "best_balanced")


def save_checkpoint(path: Path, training: Training) -> None:
    """Write weights, the states of optimiser and loss, and counters, atomically.

    Random streams need no saving: each is derived from the seed and the position that the counters hold.
    """
    tensors = {f"network.{name}": tensor for name, tensor in training.network.state_dict().items()}
    for number, state in training.optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{number}.{name}": value for name, value in state.items() if isinstance(value, Tensor)}
    tensors |= {f"loss.{name}": tensor for name, tensor in training.loss.state_dict().items()}
    tensors["totals"] = training.totals
    metadata = {name: getattr(training, name) for name in COUNTERS}
    write_tensors(path, tensors, {**metadata, "data": training.batches.data.fingerprint})


def load_checkpoint(path: Path, training: Training) -> None:
    """Bring a new training, made from the same settings, to where the saved one stood.

    Raises:
        RunError: the file is missing or damaged, or the images are not those of the saved training.
    """
    tensors, metadata = read_tensors(path)
    if metadata.get("data") != training.batches.data.fingerprint:
        raise RunError(f"the images are not those that {path} was trained on; restore them, or start a new run")
    try:
        training.network.load_state_dict(_under("network.", tensors))
        training.loss.load_state_dict(_under("loss.", tensors))
        _load_optimizer(training, _under("optimizer.", tensors))
        training.totals.copy_(tensors["totals"])
        for name in COUNTERS:
            setattr(training, name, metadata[name])
    except (KeyError, RuntimeError, ValueError) as error:
        raise RunError(f"{path} does not fit the settings of its run ({str(error).splitlines()[0]})") from None


def save_weights(path: Path, network: Network, metadata: dict[str, Any]) -> None:
    """Write backbone and classifier; `metadata` says from which epoch, and the scale of cosines is added to it."""
    write_tensors(path, network.state_dict(), {**metadata, "scale": network.classifier.as_tensors().scale})


def load_weights(path: Path, network: Network) -> dict[str, Any]:
    """Fill a network made from the same settings, and return the facts beside the weights.

    Raises:
        RunError: the file is missing or damaged, or belongs to another model.
    """
    tensors, metadata = read_tensors(path)
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        raise RunError(f"{path} does not fit the model of its run ({str(error).splitlines()[0]})") from None
    return metadata


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _load_optimizer(training: Training, tensors: dict[str, Tensor]) -> None:
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        number, entry = name.split(".", 1)
        state.setdefault(int(number), {})[entry] = tensor
    groups = training.optimizer.state_dict()["param_groups"]
    training.optimizer.load_state_dict({"state": state, "param_groups": groups})
    for parameter, entries in training.optimizer.state.items():
        for name, tensor in entries.items():
            if isinstance(tensor, Tensor) and tensor.shape == parameter.shape:
                # A file keeps no memory layout; with another than the weights have, the step is slower and rounds anew.
                entries[name] = torch.empty_like(parameter).copy_(tensor)
