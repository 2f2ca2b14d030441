"""Checks of what a loss takes: class counts when it is made, tensors at every step."""

import torch
from torch import Tensor

from decouple.checks import require_shape
from decouple.errors import DataError


def require_class_counts(class_counts: object, *, empty_classes: bool = False) -> Tensor:
    """Return class counts as a float64 tensor (C,).

    Args:
        class_counts: training images per class, shape (C,), C at least 2; whole numbers of any type.
        empty_classes: whether a class may have no image.

    Raises:
        DataError: the shape or a count is wrong, or a class has no image.
    """
    counts = _as_tensor(class_counts)
    if counts.ndim != 1 or len(counts) < 2:  # torch would broadcast a (1, C) tensor without complaint
        raise DataError(f"class_counts must have shape (C,) with C at least 2, got {tuple(counts.shape)}")
    wrong = counts[~(counts >= 0)].tolist()
    if wrong:
        raise DataError(f"class_counts must be whole numbers of images, got {wrong[0]}")
    empty = (~(counts >= (0 if empty_classes else 1))).nonzero().flatten().tolist()
    if empty:
        raise DataError(
            f"no training image for classes {empty} of {len(counts)}; each needs at least one: "
            "lower the imbalance ratio or drop those classes"
        )
    fractions = counts[counts != counts.double().round()].tolist() or counts[counts.isinf()].tolist()
    if fractions:
        raise DataError(f"class_counts must be whole numbers of images, got {fractions[0]}")
    return counts.double()


def require_batch(num_classes: int, device: torch.device, logits: Tensor, labels: Tensor, features: object) -> None:
    """Check shapes, types and devices of a batch, and on the CPU the labels; reading them would wait for a GPU.

    Args:
        num_classes: C of the class counts.
        device: of the loss.
        logits: (B, C), floating point, B at least 1.
        labels: (B,) int64, from 0 to C - 1.
        features: (B, D), floating point, or None.

    Raises:
        DataError: one of them differs.
    """
    if not (_is_batch(num_classes, device, logits, labels) and (features is None or _are_rows(features, logits))):
        _explain(num_classes, device, logits, labels, features)
    if labels.device.type == "cpu":  # some losses of torch take -100 for "no label", without a word
        lowest, highest = (int(bound) for bound in labels.aminmax())
        if lowest < 0 or highest >= num_classes:
            wrong = lowest if lowest < 0 else highest
            raise DataError(f"labels must be between 0 and {num_classes - 1}, got {wrong}")


def _is_batch(num_classes: int, device: torch.device, logits: object, labels: object) -> bool:
    return (
        isinstance(logits, Tensor)
        and isinstance(labels, Tensor)
        and labels.ndim == 1
        and logits.shape == (labels.shape[0], num_classes)
        and labels.shape[0] > 0
        and labels.dtype is torch.int64
        and logits.is_floating_point()
        and logits.device == labels.device == device
    )


def _are_rows(features: object, logits: Tensor) -> bool:
    return (
        isinstance(features, Tensor)
        and features.ndim == 2
        and features.shape[0] == logits.shape[0]
        and features.is_floating_point()
        and features.device == logits.device
    )


def _explain(num_classes: int, device: torch.device, logits: Tensor, labels: Tensor, features: object) -> None:
    """Raise the error of the first thing that is wrong."""
    batch = {"logits": logits, "labels": labels} | ({} if features is None else {"features": features})
    axes = {"logits": ("B", num_classes), "labels": ("B",), "features": ("B", "D")}
    for name, tensor in batch.items():
        require_shape(name, tensor, axes[name])
        if not isinstance(tensor, Tensor):
            raise DataError(f"`{name}` must be a tensor, got {type(tensor).__name__}")
        if tensor.device != device:
            raise DataError(f"`{name}` must be on {device} as the loss is, got {tensor.device}; move one of them")
        if name == "labels" and tensor.dtype is not torch.int64:
            raise DataError(f"`labels` must be int64, got {tensor.dtype}; convert whole numbers with .long()")
        if name != "labels" and not tensor.is_floating_point():
            raise DataError(f"`{name}` must be floating point, got {tensor.dtype}")
        if len(tensor) != len(logits):
            raise DataError(f"`{name}` must have one row per row of logits, {len(logits)}, got {len(tensor)}")
    raise DataError("`logits` must have at least one row: the mean of an empty batch does not exist")


def _as_tensor(class_counts: object) -> Tensor:
    try:
        counts = torch.as_tensor(class_counts)
    except (TypeError, ValueError, RuntimeError):
        raise DataError(f"class_counts must be a tensor of shape (C,), got {type(class_counts).__name__}") from None
    if counts.is_meta:
        raise DataError("class_counts must hold values; a tensor on the meta device has none")
    if counts.is_complex() or counts.dtype is torch.bool:
        raise DataError(f"class_counts must be whole numbers, got {counts.dtype}")
    return counts
