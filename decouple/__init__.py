"""Two-stage (decoupled) training of image classifiers on long-tailed data: the core, the commands and the menu.

The functions of the menu are those of the command line; they are imported when they are used, and torch with them.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decouple import datasets
    from decouple.api import compare, embed, evaluate, export, fit, load, predict, report, stage1, stage2, tune

    __version__: str

__all__ = [
    "compare",
    "datasets",
    "embed",
    "evaluate",
    "export",
    "fit",
    "load",
    "predict",
    "report",
    "stage1",
    "stage2",
    "tune",
]


def __getattr__(name: str) -> object:
    """Import a function of the menu, or read the version of the installed package, when it is used."""
    from importlib import import_module, metadata

    if name == "__version__":
        return metadata.version("decouple-lt")
    if name == "datasets":
        return import_module("decouple.datasets")
    if name in __all__:
        return getattr(import_module("decouple.api"), name)
    import_module("decouple.other_decouple").refuse(name)  # raises ImportError for a name of python-decouple
    raise AttributeError(f"module 'decouple' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the menu."""
    return [*__all__, "__version__"]
