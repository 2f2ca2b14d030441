"""From a name and options to a loss; everything that can be wrong with them shows here."""

from torch import Tensor

from decouple.errors import ConfigError
from decouple.lookup import look_up
from decouple.options import Options, check_options
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
    kind = look_up(LOSSES, name, "loss")
    checked = check_options(kind, name, "loss", options)
    late = None if drw is None else check_options(DeferredReweighting, "drw", DRW, drw)
    if late is not None and not kind.reweightable:
        possible = ", ".join(each for each, loss in LOSSES.items() if loss.reweightable)
        raise ConfigError(
            f"--drw has no meaning for --loss {name}, which is no mean over samples; it goes with {possible}"
        )
    loss = kind(class_counts, **checked)
    return loss if late is None else DeferredReweighting(loss, **late)
