"""Stage two: re-balance the classifier on frozen features. `stage2.METHODS` is the table in `stage2.methods`."""

import importlib
from typing import Any


def __getattr__(name: str) -> Any:
    """Load METHODS when it is asked for: settings are read from this folder too, and must not load torch with them."""
    if name == "METHODS":
        return importlib.import_module("stage2.methods").METHODS
    raise AttributeError(f"module 'stage2' has no attribute '{name}'")
