"""DRW: a loss is weighted by class from a late epoch on."""

from torch import Tensor

from decouple.checks import require_number
from decouple.errors import ConfigError
from stage1.losses.loss import Loss, effective_number_weights, scaled_to_classes


class DeferredReweighting(Loss):
    """A loss without class weights at first, and weighted by class from `start` on.

    From progress >= start the loss of a sample of class j is multiplied by ``(1 - beta) / (1 - beta^n_j)``, scaled to
    sum C over the classes. Weights that the loss has by itself stay: the two are multiplied and scaled again.

    Source: Cao et al., NeurIPS 2019, arXiv:1906.07413, section 3.3 and algorithm 1.
    Use: with ldam, as in the paper; or with any other loss that is a mean over samples.

    Args:
        loss: the loss that is wrapped.
        start: share of the epochs after which the weights join, in [0, 1].
        beta: in [0, 1]; 1 is weights of 1 / n_j.

    Raises:
        ConfigError: start or beta is outside its range, or the loss is no mean over samples.
        DataError: a class has no image.

    Example:
        For counts (3, 1) and beta 1 the weights are as 1/3 to 1; scaled to sum 2 they are 1/2 and 3/2.

        >>> import torch
        >>> from stage1.losses.cross_entropy import CrossEntropyLoss
        >>> loss = DeferredReweighting(CrossEntropyLoss(torch.tensor([3, 1])), beta=1.0)
        >>> loss.class_weights is None
        True
        >>> loss.set_epoch(8, 10)
        >>> loss.class_weights
        tensor([0.5000, 1.5000], dtype=torch.float64)
    """

    deferred_weights: Tensor

    def __init__(self, loss: Loss, *, start: float = 0.8, beta: float = 0.9999) -> None:
        if not loss.reweightable:
            raise ConfigError(
                f"deferred re-weighting needs a loss per sample, which {type(loss).__name__} does not have"
            )
        super().__init__(loss.class_counts)
        require_number("start", start, at_least=0, at_most=1, usual="it is a share of the epochs, and 0.8 is usual")
        self.loss, self.start = loss, start
        self.classifier, self.scale, self.needs_features = loss.classifier, loss.scale, loss.needs_features
        self.prior_exponent = loss.prior_exponent
        self.register_buffer("deferred_weights", effective_number_weights(loss.class_counts, beta), persistent=False)
        self.set_epoch(0, 1)

    def set_epoch(self, epoch: int, epochs: int) -> None:
        """Move to epoch `epoch`, from 0, of `epochs`; see `Loss.set_epoch`."""
        super().set_epoch(epoch, epochs)
        self.loss.set_epoch(epoch, epochs)
        weights = self.loss.class_weights  # read every time: they may change with the progress
        if self.progress >= self.start:
            weights = self.deferred_weights if weights is None else scaled_to_classes(weights * self.deferred_weights)
        self.class_weights = weights

    def per_sample(self, logits: Tensor, labels: Tensor, features: Tensor | None) -> Tensor:
        """Return the loss of each sample, (B,), as the wrapped loss computes it."""
        return self.loss.per_sample(logits, labels, features)


def drw(loss: Loss, start: float = 0.8, beta: float = 0.9999) -> DeferredReweighting:
    """Return `loss` with deferred re-weighting; see `DeferredReweighting`."""
    return DeferredReweighting(loss, start=start, beta=beta)
