"""From a name and options to a loss, with all checks of them."""

from torch import Tensor

from decouple.config.table_options import Options, check_options, named_options
from decouple.errors import ConfigError
from decouple.lookup import look_up
from stage1.losses import LOSSES
from stage1.losses.drw import DeferredReweighting
from stage1.losses.loss import Loss

DRW = "deferred re-weighting"


def make_loss(name: str, class_counts: Tensor, options: Options, drw: Options | None = None) -> Loss:
    """Return the loss `name`; `drw` holds the options of deferred re-weighting around it, None is without.

    Raises:
        ConfigError: no such loss or option, a value that it refuses, or deferred re-weighting of what has no samples.
        DataError: a class has no image, and the loss needs one.
    """
    loss_class = look_up(LOSSES, name, "loss")
    checked = check_options(loss_class, name, "loss", options)
    checked_drw = None if drw is None else check_options(DeferredReweighting, "drw", DRW, drw)
    if checked_drw is not None and not loss_class.reweightable:
        possible = ", ".join(other for other, entry in LOSSES.items() if entry.reweightable)
        raise ConfigError(
            f"`drw` has no meaning for `loss={name}`, which is no mean over samples; it goes with {possible}"
        )
    with named_options("loss", name):
        loss = loss_class(class_counts, **checked)
    if checked_drw is None:
        return loss
    with named_options(DRW, "drw"):
        return DeferredReweighting(loss, **checked_drw)
