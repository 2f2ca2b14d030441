"""Data sets: one file per loader, all in `decouple.datasets.table`; `decouple.datasets.load` makes their splits.

`from_arrays` and `from_torch` make a data set of images in memory.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decouple.datasets.arrays import from_arrays
    from decouple.datasets.torch_images import from_torch

__all__ = ["from_arrays", "from_torch"]


def __getattr__(name: str) -> object:
    """Import the functions for Python users when they are used: settings are read without numpy and torch."""
    from importlib import import_module

    modules = {"from_arrays": "decouple.datasets.arrays", "from_torch": "decouple.datasets.torch_images"}
    if name not in modules:
        raise AttributeError(f"module 'decouple.datasets' has no attribute {name!r}")
    return getattr(import_module(modules[name]), name)
