"""DRW: class weights that join a loss late in training."""

from torch import Tensor

from decouple.errors import ConfigError
from stage1.losses.loss import Loss, effective_number_weights, scaled_to_classes


class DeferredReweighting(Loss):
    """A loss that is plain at first and weighted by class from `start` on.

    From progress >= start the loss of a sample of class j is multiplied by ``(1 - beta) / (1 - beta^n_j)``, scaled to
    sum C over the classes. Weights that the loss has by itself stay: the two are multiplied and scaled again.

    Source: Cao et al., NeurIPS 2019, arXiv:1906.07413, section 3.3 and algorithm 1.
    Use: together with ldam, the usual pair; or with any loss that is a mean over samples.

    Args:
        loss: the loss that is wrapped.
        start: share of the epochs after which the weights join, in [0, 1].
        beta: in [0, 1]; 1 is weights of 1 / n_j.

    Raises:
        ConfigError: start or beta is outside, or the loss is no mean over samples.
        DataError: a class has no image.
    """

    _late: Tensor

    def __init__(self, loss: Loss, *, start: float = 0.8, beta: float = 0.9999) -> None:
        if not loss.reweightable:
            raise ConfigError(
                f"deferred re-weighting needs a loss per sample, which {type(loss).__name__} does not have"
            )
        super().__init__(loss.class_counts)
        if not 0 <= start <= 1:
            raise ConfigError(f"start is a share of the epochs and must be in 0..1, got {start}; 0.8 is a usual value")
        self.loss, self.start = loss, start
        self.classifier, self.scale, self.needs_features = loss.classifier, loss.scale, loss.needs_features
        self.register_buffer("_late", effective_number_weights(loss.class_counts, beta), persistent=False)
        self.set_epoch(0, 1)

    def set_epoch(self, epoch: int, epochs: int) -> None:
        """Move to epoch `epoch`, from 0, of `epochs`; see `Loss.set_epoch`."""
        super().set_epoch(epoch, epochs)
        self.loss.set_epoch(epoch, epochs)
        own = self.loss.class_weights  # asked anew, for it may change with the progress
        if self.progress >= self.start:
            own = self._late if own is None else scaled_to_classes(own * self._late)
        self.class_weights = own

    def per_sample(self, logits: Tensor, labels: Tensor, features: Tensor | None) -> Tensor:
        """Return the loss of each sample, (B,), as the wrapped loss computes it."""
        return self.loss.per_sample(logits, labels, features)


def drw(loss: Loss, start: float = 0.8, beta: float = 0.9999) -> DeferredReweighting:
    """Return `loss` with deferred re-weighting; see `DeferredReweighting`."""
    return DeferredReweighting(loss, start=start, beta=beta)
