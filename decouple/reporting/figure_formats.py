"""The formats of figure files, by their ending; without matplotlib, since settings are checked by them."""

from pathlib import Path

from decouple.errors import ConfigError

FIGURE_ENDINGS = (".png", ".svg", ".pdf")


def require_figure_path(name: str, path: Path) -> None:
    """Check that a figure can be written to `path`, the value of the option `name`.

    Raises:
        ConfigError: the ending is not one of a figure format, the folder is missing, or `path` is a folder.

    Example:
        >>> require_figure_path("figure", Path("classes.svg"))
        >>> require_figure_path("figure", Path("classes.tiff"))
        Traceback (most recent call last):
        decouple.errors.ConfigError: figure must end in .png, .svg or .pdf, got 'classes.tiff'
    """
    if not path.name or not path.parent.is_dir() or path.is_dir():
        raise ConfigError(f"`{name}` must name a file in a folder that exists, got '{path}'")
    if path.suffix.lower() not in FIGURE_ENDINGS:
        raise ConfigError(f"`{name}` must end in .png, .svg or .pdf, got '{path}'")
