"""From a name and options to a batch augmentation, with all checks of them."""

from torch import Tensor

from decouple.config.table_options import Options, check_options, named_options
from decouple.errors import ConfigError
from decouple.lookup import look_up
from stage1.losses.loss import Loss
from stage1.mixup import BATCH_AUGMENTATIONS, BatchAugmentation
from stage1.mixup.remix import Remix

LABEL = "batch augmentation"


def make_batch_augmentation(name: str, class_counts: Tensor, options: Options) -> BatchAugmentation:
    """Return the batch augmentation `name`.

    Raises:
        ConfigError: no such entry or option, or a value that it refuses.
    """
    entry = look_up(BATCH_AUGMENTATIONS, name, LABEL)
    checked = check_options(entry, name, LABEL, options)
    with named_options(LABEL, name):
        return entry(class_counts, **checked)


def require_mixable_loss(augmentation: BatchAugmentation | None, loss: Loss, name: str) -> None:
    """Check that the loss of a mixed batch exists; `name` is the loss's in messages.

    Raises:
        ConfigError: it does not.
    """
    if isinstance(augmentation, Remix) and not loss.reweightable:
        raise ConfigError(
            f"`mix=remix` weights each pair by itself, and `loss={name}` is no mean over samples; use mixup or cutmix"
        )
