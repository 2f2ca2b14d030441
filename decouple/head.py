"""A classifier on features, as plain tensors: what stage one hands to stage two, and each method returns."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch.nn.functional as F
from torch import Tensor

from decouple.errors import RunError
from decouple.tensor_files import read_tensors, write_tensors

Kind = Literal["linear", "cosine", "centred"]


@dataclass(frozen=True)
class Head:
    """Logits from features f, by kind.

    linear: ``w_j . f + b_j``; cosine: ``scale * cos(w_j, f)``; centred: ``w_j . g + b_j`` with
    ``g = (f - centre) / |f - centre|``.
    """

    kind: Kind
    weight: Tensor  # (C, D), as trained: a cosine head's rows need not be normalised
    bias: Tensor | None = None  # (C,)
    scale: float = 1.0  # of a cosine head
    centre: Tensor | None = None  # (D,), of a centred head

    def logits(self, features: Tensor) -> Tensor:
        """Return logits: features (B, D) -> (B, C)."""
        if self.kind == "cosine":
            return self.scale * F.linear(F.normalize(features, dim=1), F.normalize(self.weight, dim=1))
        if self.centre is not None:
            features = F.normalize(features - self.centre, dim=1)
        return F.linear(features, self.weight, self.bias)


def write_head(path: Path, head: Head, fingerprint: str) -> None:
    """Write a head; `fingerprint` names the stage-one weights whose features it reads, and the method."""
    tensors = {"weight": head.weight, "bias": head.bias, "centre": head.centre}
    present = {name: tensor for name, tensor in tensors.items() if tensor is not None}
    write_tensors(path, present, {"kind": head.kind, "scale": head.scale, "fingerprint": fingerprint})


def read_head(path: Path, fingerprint: str) -> Head:
    """Return a head.

    Raises:
        RunError: the file is missing or damaged, or the head is of other weights or another method.
    """
    tensors, facts = read_tensors(path)
    if facts.get("fingerprint") != fingerprint:
        raise RunError(
            f"the classifier in {path} was fitted to other stage-one weights, or by another method; "
            "fit it again with `decouple stage2`"
        )
    try:
        return Head(facts["kind"], tensors["weight"], tensors.get("bias"), facts["scale"], tensors.get("centre"))
    except KeyError as error:
        raise RunError(f"{path} is damaged: it holds no {error}") from None
