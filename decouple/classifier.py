"""A classifier of features as plain tensors: the result of stage one and of every stage-two method."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from decouple.checks import require_choice, require_instance, require_number, require_shape
from decouple.errors import ConfigError, DataError, RunError
from decouple.files.json_records import parse_record, record_to_json
from decouple.files.tensor_files import read_tensors, write_tensors
from decouple.neighbour_vote import NeighbourVote, nearest, vote

Kind = Literal["linear", "cosine", "centred", "neighbours"]


@dataclass(frozen=True)
class Alignment:
    """A correction of logits: ``s (a_j z_j + b_j) + (1 - s) z_j`` with ``s = sigmoid(v . f + c)``.

    Raises:
        DataError: a tensor has another shape.
    """

    factors: Tensor  # a, (C,)
    shifts: Tensor  # b, (C,)
    gate: Tensor  # v, (D,)
    gate_bias: Tensor  # c, (1,)

    def __post_init__(self) -> None:
        require_shape("factors", self.factors, ("C",))
        require_shape("shifts", self.shifts, (len(self.factors),))
        require_shape("gate", self.gate, ("D",))
        require_shape("gate_bias", self.gate_bias, (1,))

    def applied(self, logits: Tensor, features: Tensor) -> Tensor:
        """Return corrected logits: (B, C) and (B, D) -> (B, C); a 1 and b 0 change no bit."""
        corrected_share = torch.sigmoid(features @ self.gate + self.gate_bias)[:, None]
        return logits + corrected_share * ((self.factors - 1) * logits + self.shifts)


@dataclass(frozen=True)
class Classifier:
    """A classifier of features f, whose logits depend on its kind.

    linear: ``w_j . f + b_j``; cosine: ``scale * cos(w_j, f) + b_j``; centred: ``w_j . g + b_j`` with
    ``g = (f - centre) / |f - centre|``; neighbours: the log of the share of votes, see `decouple.neighbour_vote.vote`.

    Raises:
        ConfigError: there is no such kind, scale is not above 0, or the kind needs or excludes a tensor.
        DataError: a tensor has another shape than those below, or is none.

    Example:
        >>> classifier = Classifier("linear", torch.tensor([[3.0, 4.0], [0.0, 2.0]]), bias=torch.tensor([0.5, -0.5]))
        >>> classifier.logits(torch.tensor([[1.0, 2.0]]))
        tensor([[11.5000,  3.5000]])
    """

    kind: Kind
    weight: Tensor  # (C, D), as trained: rows of kind cosine need not be normalised; (N, D) of kind neighbours
    bias: Tensor | None = None  # (C,)
    scale: float = 1.0  # of cosines
    centre: Tensor | None = None  # (D,), of kind centred
    alignment: Alignment | None = None  # on top of the logits of any kind
    neighbours: NeighbourVote | None = None  # of kind neighbours

    def __post_init__(self) -> None:
        require_choice("kind", self.kind, get_args(Kind))
        require_number("scale", self.scale, above=0)
        if self.alignment is not None:
            require_instance("alignment", self.alignment, Alignment)
        if self.neighbours is not None:
            require_instance("neighbours", self.neighbours, NeighbourVote)
        for kind, name in (("centred", "centre"), ("neighbours", "neighbours")):
            if (self.kind == kind) != (getattr(self, name) is not None):
                raise ConfigError(f"kind '{kind}' needs `{name}`, and no other kind takes it; got kind '{self.kind}'")
        rows, width = _tensor_shape("weight", self.weight, ("N" if self.neighbours else "C", "D"))
        if not (rows and width and self.weight.is_floating_point()):
            shape, dtype = tuple(self.weight.shape), self.weight.dtype
            raise DataError(f"`weight` must hold floating-point numbers, a row or more, got {dtype} of shape {shape}")
        classes = rows if self.neighbours is None else len(self.neighbours.class_weights)
        if self.neighbours is not None:
            require_shape("labels", self.neighbours.labels, (rows,))
        if self.bias is not None:
            _tensor_shape("bias", self.bias, (classes,))
        if self.centre is not None:
            _tensor_shape("centre", self.centre, (width,))
        if self.alignment is not None:
            require_shape("factors", self.alignment.factors, (classes,))
            require_shape("gate", self.alignment.gate, (width,))

    def logits(self, features: Tensor | NDArray[np.floating]) -> Tensor:
        """Return logits: features (B, D) -> (B, C); an array, and float64, take the type of the weights.

        Raises:
            DataError: the shape is another, or features are not floats.
        """
        features = self._as_features(features)
        logits = self._plain(features)
        return logits if self.alignment is None else self.alignment.applied(logits, features)

    def _as_features(self, features: Tensor | NDArray[np.floating]) -> Tensor:
        require_shape("features", features, ("B", self.weight.shape[1]))
        tensor = torch.from_numpy(features) if isinstance(features, np.ndarray) else features
        if not tensor.is_floating_point():
            raise DataError(f"`features` must hold floating-point numbers, got {tensor.dtype}")
        return tensor.to(torch.float32 if self.weight.dtype == torch.float16 else self.weight.dtype)

    def _plain(self, features: Tensor) -> Tensor:
        if self.neighbours is not None:
            cosines, indices = nearest(features, self.weight, self.neighbours.k)
            return vote(cosines, self.neighbours.labels[indices], self.neighbours.class_weights, self.scale)
        if self.kind == "cosine":
            logits = cosine_logits(features, self.weight, self.scale)
            return logits if self.bias is None else logits + self.bias
        if self.centre is not None:
            features = F.normalize(features - self.centre, dim=1)
        return F.linear(features, self.weight, self.bias)


def cosine_logits(features: Tensor, weight: Tensor, scale: float) -> Tensor:
    """Return ``scale * cos(w_j, f)``: features (B, D) and weight (C, D) -> (B, C).

    Example:
        >>> cosine_logits(torch.tensor([[0.0, 5.0]]), torch.tensor([[3.0, 4.0], [0.0, 2.0]]), 30.0)
        tensor([[24., 30.]])
    """
    return scale * F.linear(F.normalize(features, dim=1), F.normalize(weight, dim=1))


def _tensor_shape(name: str, tensor: object, axes: tuple[str | int, ...]) -> tuple[int, ...]:
    if not isinstance(tensor, Tensor):
        raise DataError(f"`{name}` must be a tensor, got {type(tensor).__name__}")
    require_shape(name, tensor, axes)
    return tuple(tensor.shape)


@dataclass(frozen=True, kw_only=True)
class ClassifierMetadata:
    """The metadata beside the tensors of a classifier's file."""

    kind: Kind
    scale: float
    fingerprint: str  # of the stage-one weights whose features it reads, and the method
    k: int | None = None  # of kind neighbours

    def __post_init__(self) -> None:
        if (self.kind == "neighbours") != (self.k is not None):
            raise RunError(
                f"'k' must be the number of neighbours of kind neighbours, and of no other kind, got {self.k}"
            )


def write_classifier(path: Path, classifier: Classifier, fingerprint: str) -> None:
    """Write a classifier; `fingerprint` names the stage-one weights whose features it reads, and the method."""
    tensors = {"weight": classifier.weight, "bias": classifier.bias, "centre": classifier.centre}
    k = None if classifier.neighbours is None else classifier.neighbours.k
    metadata = ClassifierMetadata(kind=classifier.kind, scale=classifier.scale, fingerprint=fingerprint, k=k)
    if classifier.alignment is not None:
        tensors |= {f"alignment.{field.name}": getattr(classifier.alignment, field.name) for field in fields(Alignment)}
    if classifier.neighbours is not None:
        tensors |= {f"neighbours.{name}": getattr(classifier.neighbours, name) for name in ("labels", "class_weights")}
    present = {name: tensor for name, tensor in tensors.items() if tensor is not None}
    write_tensors(path, present, record_to_json(metadata))


def read_classifier(path: Path, fingerprint: str) -> Classifier:
    """Return a classifier.

    Raises:
        RunError: the file is missing or damaged, or the classifier belongs to other weights or another method.
    """
    tensors, values = read_tensors(path)
    metadata = parse_record(ClassifierMetadata, values, path)
    if metadata.fingerprint != fingerprint:
        raise RunError(
            f"the classifier in {path} was fitted to other stage-one weights, or by another method; "
            "fit it again with `decouple stage2`"
        )
    try:
        return _classifier_of(tensors, metadata)
    except KeyError as error:
        raise RunError(f"{path} is damaged: it holds no {error}") from None
    except (ConfigError, DataError) as error:
        raise RunError(f"{path} is damaged: {error}") from None


def _classifier_of(tensors: dict[str, Tensor], metadata: ClassifierMetadata) -> Classifier:
    alignment = neighbours = None
    if "alignment.factors" in tensors:
        alignment = Alignment(*(tensors[f"alignment.{field.name}"] for field in fields(Alignment)))
    if metadata.k is not None:
        neighbours = NeighbourVote(tensors["neighbours.labels"], tensors["neighbours.class_weights"], metadata.k)
    plain = tensors["weight"], tensors.get("bias"), metadata.scale, tensors.get("centre")
    return Classifier(metadata.kind, *plain, alignment, neighbours)
