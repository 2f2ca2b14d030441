"""The logit of a sample's own class, which margins act on: read it, and replace it."""

from torch import Tensor


def target_logits(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the logit of each sample's own class: (B, C) and (B,) -> (B,)."""
    return logits.gather(1, labels[:, None])[:, 0]


def with_target(logits: Tensor, labels: Tensor, target: Tensor) -> Tensor:
    """Return logits (B, C) whose entries at labels (B,) are `target` (B,); the others and the input stay."""
    return logits.scatter(1, labels[:, None], target[:, None])


def subtract_margin(logits: Tensor, labels: Tensor, margin: Tensor | float) -> Tensor:
    """Return logits (B, C) lowered by `margin`, one number or (B,), at each sample's own class."""
    return with_target(logits, labels, target_logits(logits, labels) - margin)
