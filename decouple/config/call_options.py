"""Options of a call rather than of its result: how a command answers, not what it computes.

Unlike settings, they are neither read from a file nor stored in a run. Each command says in `COMMANDS` what it takes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from decouple.config.fields import Values, option
from decouple.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class CallOptions:
    """How a command answers."""

    quiet: bool = option(False, "no progress and no remarks: results, warnings and errors only")
    json: bool = option(False, "print the result as one JSON object, and remarks on stderr; see docs/command-line.md")
    csv: bool = option(False, "print the main table as CSV, and remarks on stderr")

    dry_run: bool = option(
        False,
        "only say what would be done: settings, images, steps, parameters, seconds from measured steps; no writing",
    )

    def __post_init__(self) -> None:
        if self.json and self.csv:
            raise ConfigError("`json` and `csv` are two forms of one result; give one of them")

    @property
    def machine_readable(self) -> bool:
        """Whether stdout holds the result alone."""
        return self.json or self.csv


def call_option_names(settings_type: type[Any], offered: Sequence[str]) -> dict[str, str]:
    """Return for each call option of a command the name that it has there.

    It is the field's own, or "as_" and that where a setting has the name: `--csv FILE` of `decouple data` is a list of
    images, so that its table is printed with `--as-csv`.
    """
    taken = {field.name for field in fields(settings_type)}
    return {f"as_{name}" if name in taken else name: name for name in offered}


def take_call_options(values: Values, names: dict[str, str]) -> CallOptions:
    """Remove the call options from the values of a command line, and return them."""
    return CallOptions(**{field: values.pop(name) for name, field in names.items() if name in values})
