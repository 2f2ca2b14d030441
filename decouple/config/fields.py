"""The fields of a settings dataclass: name, type, default and help text of each option, defined once.

The modules of this folder and the settings modules import neither torch nor anything slow, so that `--help` and a
typing error answer at once.
"""

from dataclasses import Field, field, fields
from typing import Any, TypeAlias

Values: TypeAlias = dict[str, Any]  # field -> value


def option(default: Any, help: str, *, kind: str | None = None) -> Any:
    """Declare one option of a settings dataclass.

    Args:
        default: its default.
        help: what it does; names the unit and the range where there is one.
        kind: what the value is, where the type says too little: "a file", "a folder".
    """
    metadata = {"help": help, "kind": kind}
    if isinstance(default, dict):
        return field(default_factory=default.copy, metadata=metadata)
    return field(default=default, metadata=metadata)


def positional(default: Any, help: str, *, metavar: str, kind: str | None = None) -> Any:
    """Declare an option whose value may be written without its name.

    ``decouple compare A B`` is ``decouple compare --run A B``. The words of a command line go to these options in the
    order of their fields: one word each, and the rest to an option of a list.
    """
    return field(default=default, metadata={"help": help, "metavar": metavar, "kind": kind})


def positional_fields(settings_type: type[Any]) -> list[Field[Any]]:
    """Return the fields that are declared with `positional`, in their order."""
    return [entry for entry in fields(settings_type) if "metavar" in entry.metadata]


def flag_of(name: str) -> str:
    """Return how a field is written on the command line."""
    return "--" + name.replace("_", "-")
