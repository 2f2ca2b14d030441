"""From a name and options to a sampler; everything that can be wrong with them shows here."""

from numpy.typing import ArrayLike
from torch import Tensor

from decouple.lookup import look_up
from decouple.options import Options, check_options
from samplers import SAMPLERS
from samplers.class_first import ClassFirstSampler
from samplers.probabilities import FORMULAS


def make_sampler(
    name: str, labels: Tensor | ArrayLike, options: Options, *, seed: int = 0, epochs: int = 1
) -> ClassFirstSampler:
    """Return the sampler `name` of the images that `labels` (N,) are of.

    Raises:
        ConfigError: no such sampler or option, or a value that it refuses.
        DataError: a class has no image, and the sampler needs one.
    """
    make = look_up(SAMPLERS, name, "sampler")
    checked = check_options(FORMULAS[name], name, "sampler", options) if name in FORMULAS else dict(options)
    return make(labels, seed=seed, epochs=epochs, **checked)
