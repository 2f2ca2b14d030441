"""The fields of a settings dataclass: name, type, default and help text of each option, defined once.

The modules of this folder and the settings modules import neither torch nor anything slow, so that `--help` and a
typing error answer at once.
"""

from dataclasses import Field, field, fields
from typing import Any, TypeAlias

Values: TypeAlias = dict[str, Any]  # field -> value


def option(default: Any, help: str) -> Any:
    """Declare one option of a settings dataclass; `help` names the unit and range where there is one."""
    if isinstance(default, dict):
        return field(default_factory=default.copy, metadata={"help": help})
    return field(default=default, metadata={"help": help})


def positional(default: Any, help: str, *, metavar: str) -> Any:
    """Declare the option, at most one of a settings class, whose value may precede all options without its name.

    ``decouple compare A B`` is ``decouple compare --run A B``. An option of a list takes several values.
    """
    return field(default=default, metadata={"help": help, "metavar": metavar})


def positional_field(settings_type: type[Any]) -> Field[Any] | None:
    """Return the field that is declared with `positional`."""
    return next((entry for entry in fields(settings_type) if "metavar" in entry.metadata), None)


def flag_of(name: str) -> str:
    """Return how a field is written on the command line."""
    return "--" + name.replace("_", "-")
