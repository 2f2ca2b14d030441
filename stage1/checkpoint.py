"""Save and restore a training; a resumed one gives the same bits as one that was never interrupted."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor, nn

from decouple.errors import RunError
from decouple.files.json_records import parse_record, record_to_json
from decouple.files.tensor_files import read_tensors, write_tensors
from decouple.files.weights_metadata import WeightsMetadata
from stage1.network import Network
from stage1.trainer import Training


@dataclass(frozen=True, kw_only=True)
class CheckpointMetadata:
    """The metadata beside the tensors of a checkpoint: the counters of a training, and its images."""

    epoch: int
    step: int
    seconds: float
    history: list[dict[str, float | None]]
    best_epoch: int
    best_balanced: float | None
    data: str  # fingerprint of the images
    optimizer: dict[str, int | float] | None = None  # numbers in the state of the optimiser, such as counted steps


_NORM_SUMS, _NORMS = "class_norms.sums", "class_norms.epochs"
COUNTERS = tuple(field.name for field in fields(CheckpointMetadata) if field.name not in ("data", "optimizer"))


def save_checkpoint(path: Path, training: Training) -> None:
    """Write weights, the states of optimiser and loss, and counters, atomically.

    Random streams are not saved: each is derived from the seed and the position in the counters.
    """
    tensors = {f"network.{name}": tensor for name, tensor in _trained_module(training).state_dict().items()}
    for number, state in training.optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{number}.{name}": value for name, value in state.items() if isinstance(value, Tensor)}
    for number, group in enumerate(training.optimizer.param_groups):  # some optimisers count steps there
        tensors |= {f"group.{number}.{name}": value for name, value in group.items() if isinstance(value, Tensor)}
    tensors |= {f"loss.{name}": tensor for name, tensor in training.loss.state_dict().items()}
    tensors |= {"totals": training.totals, _NORM_SUMS: training.class_norms.sums, _NORMS: training.class_norms.epochs}
    counters = {name: getattr(training, name) for name in COUNTERS}
    metadata = CheckpointMetadata(**counters, data=training.batches.data.fingerprint, optimizer=_numbers(training))
    write_tensors(path, tensors, record_to_json(metadata))


def load_checkpoint(path: Path, training: Training) -> None:
    """Restore the saved state into a new training of the same settings.

    Raises:
        RunError: the file is missing or damaged, or the images are not those of the saved training.
    """
    tensors, values = read_tensors(path)
    metadata = parse_record(CheckpointMetadata, values, path)
    if metadata.data != training.batches.data.fingerprint:
        raise RunError(f"the images are not those that {path} was trained on; restore them, or start a new run")
    try:
        _trained_module(training).load_state_dict(_with_prefix("network.", tensors))
        training.loss.load_state_dict(_with_prefix("loss.", tensors))
        _load_groups(training, _with_prefix("group.", tensors), metadata.optimizer or {})
        _load_optimizer(training, _with_prefix("optimizer.", tensors), metadata.optimizer or {})
        training.totals.copy_(tensors["totals"])
        training.class_norms.load(tensors.get(_NORM_SUMS), tensors.get(_NORMS), metadata.epoch)
        for name in COUNTERS:
            setattr(training, name, getattr(metadata, name))
    except (KeyError, RuntimeError, ValueError) as error:
        raise RunError(f"{path} does not fit the settings of its run ({str(error).splitlines()[0]})") from None


def save_weights(path: Path, network: Network, epoch: int) -> None:
    """Write backbone and classifier as they are after `epoch`."""
    classifier = network.classifier.as_tensors()
    classifier_type: Literal["linear", "cosine"] = "cosine" if classifier.kind == "cosine" else "linear"
    metadata = WeightsMetadata(epoch=epoch, classifier=classifier_type, scale=classifier.scale)
    write_tensors(path, network.state_dict(), record_to_json(metadata))


def load_weights(path: Path, network: Network) -> WeightsMetadata:
    """Load weights into a network of the same settings, and return the metadata beside them.

    Raises:
        RunError: the file is missing or damaged, or belongs to another model.
    """
    tensors, metadata = read_tensors(path)
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        raise RunError(f"{path} does not fit the model of its run ({str(error).splitlines()[0]})") from None
    return parse_record(WeightsMetadata, metadata, path)


def _trained_module(training: Training) -> nn.Module:
    """Return what a checkpoint stores: the network, or its classifier where that is trained on cached features."""
    return training.network.classifier if training.config.train == "none" else training.network


def _with_prefix(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors whose names begin with a prefix, without it."""
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _numbers(training: Training) -> dict[str, int | float] | None:
    """Return the numbers in the state of the optimiser that are no tensors, by their places; None if there are none."""
    saved = training.optimizer.state_dict()
    places = [(f"state.{number}", entries) for number, entries in saved["state"].items()]
    places += [(f"group.{number}", entries) for number, entries in enumerate(saved["param_groups"])]
    numbers = {
        f"{place}.{name}": value
        for place, entries in places
        for name, value in entries.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    return numbers or None


def _load_groups(training: Training, tensors: dict[str, Tensor], numbers: dict[str, int | float]) -> None:
    values = {name.removeprefix("group."): value for name, value in numbers.items() if name.startswith("group.")}
    for name, value in {**tensors, **values}.items():
        number, entry = name.split(".", 1)
        training.optimizer.param_groups[int(number)][entry] = value


def _load_optimizer(training: Training, tensors: dict[str, Tensor], numbers: dict[str, int | float]) -> None:
    state: dict[int, dict[str, Tensor | int | float]] = {}
    values = {name.removeprefix("state."): value for name, value in numbers.items() if name.startswith("state.")}
    for name, value in {**tensors, **values}.items():
        number, entry = name.split(".", 1)
        state.setdefault(int(number), {})[entry] = value
    groups = training.optimizer.state_dict()["param_groups"]
    training.optimizer.load_state_dict({"state": state, "param_groups": groups})
    for parameter, entries in training.optimizer.state.items():
        for name, tensor in entries.items():
            if isinstance(tensor, Tensor) and tensor.shape == parameter.shape:
                # A file has no memory layout; with another one than that of the weights, steps are slower and round
                # differently.
                entries[name] = torch.empty_like(parameter).copy_(tensor)
