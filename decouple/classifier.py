"""A classifier on features, as plain tensors: what stage one hands to stage two, and each method returns."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from decouple.errors import RunError
from decouple.files.json_records import parse_record, record_to_json
from decouple.files.tensor_files import read_tensors, write_tensors
from decouple.neighbour_vote import NeighbourVote, nearest, vote

Kind = Literal["linear", "cosine", "centred", "neighbours"]


@dataclass(frozen=True)
class Alignment:
    """A correction of logits: ``s (a_j z_j + b_j) + (1 - s) z_j`` with ``s = sigmoid(v . f + c)``."""

    factors: Tensor  # a, (C,)
    shifts: Tensor  # b, (C,)
    gate: Tensor  # v, (D,)
    gate_bias: Tensor  # c, (1,)

    def applied(self, logits: Tensor, features: Tensor) -> Tensor:
        """Return corrected logits: (B, C) and (B, D) -> (B, C); a 1 and b 0 change no bit."""
        share = torch.sigmoid(features @ self.gate + self.gate_bias)[:, None]
        return logits + share * ((self.factors - 1) * logits + self.shifts)


@dataclass(frozen=True)
class Classifier:
    """Logits from features f, by kind.

    linear: ``w_j . f + b_j``; cosine: ``scale * cos(w_j, f) + b_j``; centred: ``w_j . g + b_j`` with
    ``g = (f - centre) / |f - centre|``; neighbours: the log of the share of votes, see `decouple.neighbour_vote.vote`.
    """

    kind: Kind
    weight: Tensor  # (C, D), as trained: a cosine head's rows need not be normalised; (N, D) of kind neighbours
    bias: Tensor | None = None  # (C,)
    scale: float = 1.0  # of cosines
    centre: Tensor | None = None  # (D,), of a centred head
    alignment: Alignment | None = None  # on top of the logits of any kind
    neighbours: NeighbourVote | None = None  # of kind neighbours

    def logits(self, features: Tensor) -> Tensor:
        """Return logits: features (B, D) -> (B, C)."""
        logits = self._plain(features)
        return logits if self.alignment is None else self.alignment.applied(logits, features)

    def _plain(self, features: Tensor) -> Tensor:
        if self.neighbours is not None:
            cosines, places = nearest(features, self.weight, self.neighbours.k)
            return vote(cosines, self.neighbours.labels[places], self.neighbours.class_weights, self.scale)
        if self.kind == "cosine":
            logits = self.scale * F.linear(F.normalize(features, dim=1), F.normalize(self.weight, dim=1))
            return logits if self.bias is None else logits + self.bias
        if self.centre is not None:
            features = F.normalize(features - self.centre, dim=1)
        return F.linear(features, self.weight, self.bias)


@dataclass(frozen=True, kw_only=True)
class ClassifierMetadata:
    """The metadata beside the tensors of a classifier's file."""

    kind: Kind
    scale: float
    fingerprint: str  # of the stage-one weights whose features it reads, and the method
    k: int | None = None  # of kind neighbours

    def __post_init__(self) -> None:
        if (self.kind == "neighbours") != (self.k is not None):
            raise RunError(f"a classifier of kind {self.kind} cannot have 'k' {self.k}")


def write_classifier(path: Path, classifier: Classifier, fingerprint: str) -> None:
    """Write a head; `fingerprint` names the stage-one weights whose features it reads, and the method."""
    tensors = {"weight": classifier.weight, "bias": classifier.bias, "centre": classifier.centre}
    k = None if classifier.neighbours is None else classifier.neighbours.k
    metadata = ClassifierMetadata(kind=classifier.kind, scale=classifier.scale, fingerprint=fingerprint, k=k)
    if classifier.alignment is not None:
        tensors |= {f"alignment.{each.name}": getattr(classifier.alignment, each.name) for each in fields(Alignment)}
    if classifier.neighbours is not None:
        tensors |= {f"neighbours.{name}": getattr(classifier.neighbours, name) for name in ("labels", "class_weights")}
    present = {name: tensor for name, tensor in tensors.items() if tensor is not None}
    write_tensors(path, present, record_to_json(metadata))


def read_classifier(path: Path, fingerprint: str) -> Classifier:
    """Return a head.

    Raises:
        RunError: the file is missing or damaged, or the head is of other weights or another method.
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


def _classifier_of(tensors: dict[str, Tensor], metadata: ClassifierMetadata) -> Classifier:
    alignment = neighbours = None
    if "alignment.factors" in tensors:
        alignment = Alignment(*(tensors[f"alignment.{each.name}"] for each in fields(Alignment)))
    if metadata.k is not None:
        neighbours = NeighbourVote(tensors["neighbours.labels"], tensors["neighbours.class_weights"], metadata.k)
    plain = tensors["weight"], tensors.get("bias"), metadata.scale, tensors.get("centre")
    return Classifier(metadata.kind, *plain, alignment, neighbours)
