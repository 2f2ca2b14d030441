"""Samplers: the order and the frequency with which training sees the images of each class.

``SAMPLERS[name](labels, num_draws=None, seed=0, epochs=1, num_replicas=1, rank=0, **options)``
"""

from collections.abc import Callable
from functools import partial

from samplers.class_first import ClassFirstSampler
from samplers.formulas import FORMULAS
from samplers.probabilities import class_probabilities

__all__ = ["SAMPLERS", "class_probabilities"]

SAMPLERS: dict[str, Callable[..., ClassFirstSampler]] = {
    name: partial(ClassFirstSampler, name=name) for name in FORMULAS
}
