"""Check an exported file against PyTorch, before it gets its name."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from decouple.deploy.export_source import ExportSource
from decouple.errors import DecoupleError

TOLERANCE = 1e-4  # of probabilities; of log-probabilities beyond -1, relative

Outputs = Sequence[NDArray[np.float32]]


def check_outputs(source: ExportSource, outputs: Callable[[NDArray[np.uint8]], Outputs], name: str) -> float:
    """Return the largest difference of a file's outputs from those of PyTorch, on a batch and on a single image.

    Args:
        source: what was exported.
        outputs: pixels (B, S, S, 3) -> the outputs of the file.
        name: of the file or the program that reads it, for the message.

    Raises:
        DecoupleError: the difference is above 1e-4.
    """
    pixels = source.examples.pixels
    differences = [largest_difference(source.outputs(batch), outputs(batch)) for batch in (pixels, pixels[:1])]
    difference = float(np.max(differences))  # NaN if one of them is
    if not difference <= TOLERANCE:
        raise DecoupleError(
            f"{name} differs from PyTorch by {difference:.2g} on {source.examples.description}, more than "
            f"{TOLERANCE:g}; the file was not written"
        )
    return difference


def largest_difference(expected: Outputs, outputs: Outputs) -> float:
    """Return the largest ``|a - b| / max(1, |a|)``; equal infinities do not differ, a shape that differs is infinite.

    Example:
        >>> largest_difference([np.float32([1, -np.inf, 200])], [np.float32([1.5, -np.inf, 201])])
        0.5
    """
    if [array.shape for array in expected] != [array.shape for array in outputs]:
        return float("inf")
    differences = [0.0]
    for a, b in zip(expected, outputs, strict=True):
        unequal = a != b
        gaps = np.abs(a[unequal].astype(np.float64) - b[unequal]) / np.maximum(1, np.abs(a[unequal]))
        differences.append(float(gaps.max(initial=0)))
    return float(np.max(differences))
