"""python-decouple, another package with the import name `decouple`: it reads settings from environment variables."""

OTHER_NAMES = (  # what programs import from python-decouple
    "config",
    "AutoConfig",
    "Config",
    "Csv",
    "Choices",
    "RepositoryEmpty",
    "RepositoryEnv",
    "RepositoryIni",
    "RepositorySecret",
    "UndefinedValueError",
)


def refuse(name: str) -> None:
    """Refuse a name that a program for python-decouple asks this package for.

    Raises:
        ImportError: it is one; the message says that the two packages share their import name. An AttributeError would
            not do: ``from decouple import config`` would go on to the folder `decouple.config`.

    Example:
        >>> refuse("stage1")
        >>> refuse("AutoConfig")
        Traceback (most recent call last):
        ImportError: 'AutoConfig' is a name of python-decouple, and this `decouple` is decouple-lt, ...
    """
    if name in OTHER_NAMES:
        raise ImportError(
            f"{name!r} is a name of python-decouple, and this `decouple` is decouple-lt, the toolkit for long-tailed "
            "image classification: both have the same import name; install each in an environment of its own"
        )
