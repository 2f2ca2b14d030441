"""From a name and options to a mixing; what does not go together shows here."""

from torch import Tensor

from decouple.errors import ConfigError
from decouple.lookup import look_up
from decouple.options import Options, check_options
from stage1.losses.loss import Loss
from stage1.mixup import MIXINGS, Mixing
from stage1.mixup.remix import Remix


def make_mixing(name: str, class_counts: Tensor, options: Options) -> Mixing:
    """Return the mixing `name`.

    Raises:
        ConfigError: no such mixing or option, or a value that it refuses.
    """
    kind = look_up(MIXINGS, name, "mixing")
    return kind(class_counts, **check_options(kind, name, "mixing", options))


def require_mixable(mixing: Mixing | None, loss: Loss, name: str) -> None:
    """Check that the loss can be mixed in that way; `name` is the loss's in messages.

    Raises:
        ConfigError: it cannot.
    """
    if isinstance(mixing, Remix) and not loss.reweightable:
        raise ConfigError(
            f"--mix remix decides pair by pair, and --loss {name} is no mean over samples; use mixup or cutmix"
        )
