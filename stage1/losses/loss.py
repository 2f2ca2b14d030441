"""What all losses share: checks of the input, the mean over a batch with class weights if any, and the progress."""

from typing import ClassVar, Literal

import torch
from torch import Tensor, nn

from decouple.checks import require_number, require_shape, require_whole
from decouple.errors import ConfigError, DataError
from stage1.losses.input_checks import require_batch, require_class_counts


class Loss(nn.Module):
    """A training loss; each one defines `per_sample`.

    Every tensor is a buffer, which follows the module to a device, and float64, which is cast to what the logits are.

    Args:
        class_counts: training images per class, shape (C,), each at least 1.
        class_weights: one positive factor per class, shape (C,), on the losses of its samples; scaled here so that the
            factors sum to C. None: all are 1.
        empty_classes: whether a class may have no image.

    Raises:
        DataError: class_counts is not (C,) with C at least 2, or a class has no image.
    """

    classifier: Literal["linear", "cosine"] = "linear"  # the logits that it reads; cosine: in [-1, 1], without a scale
    scale: float = 1.0  # of a cosine loss: the factor on the cosines
    needs_features: bool = False
    prior_exponent: float = 1.0  # e: its logits follow the class shares pi as pi^e; 0 where it corrects for them
    reweightable: ClassVar[bool] = True  # whether it is a mean over samples, so that each can have a weight
    class_counts: Tensor
    class_weights: Tensor | None

    def __init__(
        self, class_counts: Tensor, class_weights: Tensor | None = None, *, empty_classes: bool = False
    ) -> None:
        super().__init__()
        counts = require_class_counts(class_counts, empty_classes=empty_classes)
        _require_class_weights(class_weights, len(counts))
        self.register_buffer("class_counts", counts, persistent=False)
        self.register_buffer("class_weights", scaled_to_classes(class_weights), persistent=False)
        self.progress = 0.0  # share of the epochs that are done

    def set_epoch(self, epoch: int, epochs: int) -> None:
        """Move to epoch `epoch`, from 0, of `epochs`: only this changes what depends on the progress.

        Raises:
            ConfigError: epoch is below 0 or epochs below 1.
        """
        require_whole("epoch", epoch, at_least=0)
        require_whole("epochs", epochs, at_least=1)
        self.progress = min(1.0, epoch / epochs)

    def forward(self, logits: Tensor, labels: Tensor, features: Tensor | None = None) -> Tensor:
        """Return the class-weighted mean over the batch in nats, float32 or finer.

        Args:
            logits: (B, C), of the kind that `classifier` says; not changed.
            labels: (B,) int64, each in 0..C-1.
            features: (B, D), for the losses that need them.

        Raises:
            ConfigError: the loss needs features and got none.
            DataError: a shape, type or device is wrong, or the batch is empty.
        """
        return self.reduce(self.values(logits, labels, features), labels)

    def values(self, logits: Tensor, labels: Tensor, features: Tensor | None = None) -> Tensor:
        """Return the loss of each sample without its class weight, (B,); arguments as for `forward`."""
        require_batch(len(self.class_counts), self.class_counts.device, logits, labels, features)
        if not self.needs_features:
            return self.per_sample(at_least_float32(logits), labels, None)
        if features is None:
            raise ConfigError(f"{type(self).__name__} needs the features beside the logits: loss(logits, labels, f)")
        return self.per_sample(at_least_float32(logits), labels, at_least_float32(features))

    def per_sample(self, logits: Tensor, labels: Tensor, features: Tensor | None) -> Tensor:
        """Return the loss of each sample, (B,), from logits (B, C) and features (B, D) of float32 or finer."""
        raise NotImplementedError

    def reduce(self, values: Tensor, labels: Tensor) -> Tensor:
        """Return ``sum_i w[y_i] v_i / sum_i w[y_i]`` of values (B,)."""
        if self.class_weights is None:
            return values.mean()
        weights = self.weights_of(labels, values.dtype)
        return (weights * values).sum() / weights.sum()

    def weights_of(self, labels: Tensor, dtype: torch.dtype) -> Tensor:
        """Return the class weight of each sample, (B,); all are 1 where the loss has no weights."""
        if self.class_weights is None:
            return torch.ones(len(labels), dtype=dtype, device=labels.device)
        return self.class_weights.to(dtype)[labels]


def at_least_float32(tensor: Tensor) -> Tensor:
    """Return half precision as float32: a softmax over many classes needs it, and so does any sum."""
    return tensor.to(torch.promote_types(tensor.dtype, torch.float32))


def scaled_to_classes(weights: Tensor | None) -> Tensor | None:
    """Return class weights (C,) scaled to sum C: equal ones become 1, and the learning rate keeps its meaning."""
    return None if weights is None else weights.double() * (len(weights) / weights.double().sum())


def effective_number_weights(class_counts: Tensor, beta: float) -> Tensor:
    """Return ``(1 - beta) / (1 - beta^n_j)`` per class, scaled to sum C; beta 0: all 1, beta 1: ``~ 1 / n_j``.

    Source: Cui et al., CVPR 2019, arXiv:1901.05555, eq. 3.

    Args:
        class_counts: n_j, shape (C,), each at least 1.
        beta: in [0, 1].

    Raises:
        ConfigError: beta is outside its range.

    Example:
        >>> effective_number_weights(torch.tensor([2, 1]), 0.5)  # as 2/3 to 1
        tensor([0.8000, 1.2000], dtype=torch.float64)
    """
    require_number("beta", beta, at_least=0, at_most=1, usual="0.9999 is usual")
    counts = class_counts.double()
    if beta == 1:
        weights = 1 / counts
    else:  # 1 - beta^n loses all digits where beta is near 1, expm1 does not
        weights = (1 - beta) / -torch.expm1(counts * torch.log(torch.tensor(beta, dtype=torch.float64)))
    return weights * (len(weights) / weights.sum())


def _require_class_weights(weights: Tensor | None, num_classes: int) -> None:
    if weights is None:
        return
    require_shape("class_weights", weights, (num_classes,))
    if not bool(((weights > 0) & weights.isfinite()).all()):
        raise DataError(f"class_weights must be finite numbers above 0, got {weights.tolist()}")
