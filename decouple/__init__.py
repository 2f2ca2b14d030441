"""Two-stage (decoupled) training of image classifiers on long-tailed data: the core and the commands."""

__version__: str


def __getattr__(name: str) -> str:
    """Return the version of the installed package; reading its metadata takes 0.05 s, which few imports need."""
    if name == "__version__":
        from importlib.metadata import version

        return version("decouple-lt")
    raise AttributeError(f"module 'decouple' has no attribute {name!r}")
