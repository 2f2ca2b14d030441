"""The class axis of a figure: one position per class, largest class first, named while there is room for names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from decouple.reporting.style import drawable

MAX_NAMED = 30  # more names than this are too small to read


@dataclass(frozen=True)
class ClassAxis:
    """The classes of a figure."""

    names: Sequence[str]  # C names
    counts: Sequence[int]  # C training images, which order the classes
    groups: Mapping[str, Sequence[int]] = field(default_factory=dict)  # group name -> its classes
    label: str = ""  # of the axis; default: that of classes by their size


def class_labels(class_names: Sequence[str], *, limit: int = 18) -> list[str]:
    """Return every name in letters the font has; "class 7" where it has none of them."""
    return [drawable(name, f"class {label}", limit=limit) for label, name in enumerate(class_names)]


def figure_width(num_classes: int) -> float:
    """Return the width in inches at which names and bars of `num_classes` are legible."""
    return 7.2 if num_classes > MAX_NAMED else 5.0 + 0.11 * min(num_classes, MAX_NAMED)


def name_classes(axes: Axes, class_names: Sequence[str], order: NDArray[np.intp]) -> None:
    """Label the x axis of `axes`, whose positions 0..C-1 are the classes in `order`, with names, else with ranks."""
    num_classes = len(order)
    axes.set_xlim(-0.5, num_classes - 0.5)
    if num_classes > MAX_NAMED:
        axes.set_xlabel("class, by number of training images (largest first)")
        ticks = [1, *range((step := rank_step(num_classes)), num_classes + 1, step)]
        axes.set_xticks([tick - 1 for tick in ticks], [f"{tick:,}" for tick in ticks])
        return
    labels = class_labels(class_names, limit=18 if num_classes > 4 else 28)
    names = [labels[label] for label in order]
    if max(len(name) for name in names) * num_classes <= 60:
        axes.set_xticks(range(num_classes), names)
    else:
        axes.set_xticks(range(num_classes), names, rotation=50, ha="right", rotation_mode="anchor")
    axes.set_xlabel("class, largest first")
    axes.tick_params(axis="x", length=0)


def rank_step(num_classes: int) -> int:
    """Return a round distance between ranks that gives four to ten ticks: 100 -> 20, 1000 -> 200."""
    for power in range(10):
        for digit in (1, 2, 5):
            if num_classes / (digit * 10**power) <= 6:
                return int(digit * 10**power)
    return num_classes
