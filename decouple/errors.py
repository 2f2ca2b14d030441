"""The errors a user can cause. Each is one sentence: what is wrong, where, what to do.

A message marks the name of an argument with backquotes, with a value where it gives advice: "`tau` must be 0 or more",
"choose in folds with `folds=5`". Python users read it as "tau must be 0 or more" and "folds=5", which is what `str`
returns; the command line prints "--tau" and "--folds 5", which is what `with_flags` returns.
"""

import re
from collections.abc import Callable

_ARGUMENT = re.compile(r"`([a-z]\w*)(?:=([^`]*))?`")


class MarkedError(Exception):
    """An error whose message may mark the names of arguments, see the head of this module."""

    def __str__(self) -> str:
        """Return the message with arguments as they are written in Python."""
        return _render(self.message, lambda name, value: name if value is None else f"{name}={value}")

    @property
    def message(self) -> str:
        """The message as it was raised, marks included: for an error that is raised from this one."""
        return str(self.args[0]) if self.args else ""

    def with_flags(self) -> str:
        """Return the message with arguments as they are written on the command line."""
        return render_flags(self.message)


class DecoupleError(MarkedError):
    """Something the user can put right; shown without a traceback. The command line exits with code 2."""


class ConfigError(DecoupleError):
    """A command, an argument, or a settings file is wrong."""


class DataError(DecoupleError):
    """An image, a label, a split or a class count is wrong."""


class RunError(DecoupleError):
    """A run folder, or a file in it, is missing, foreign, damaged or in use."""


class PartialFailureError(MarkedError):
    """Part of the work failed, the rest is done and saved. The message says how much, and how to try again."""


NOTHING_WRITTEN = "interrupted before anything was written; the same command starts again"


class InterruptedRunError(MarkedError):
    """Ctrl-C or SIGTERM came and the state is saved. The message says how to continue."""


def render_flags(message: str) -> str:
    """Return a message with its marked arguments as they are written on the command line."""
    return _render(message, _as_flag)


def _render(message: str, write: Callable[[str, str | None], str]) -> str:
    return _ARGUMENT.sub(lambda match: write(match[1], match[2]), message)


def _as_flag(name: str, value: str | None) -> str:
    flag = "--" + name.replace("_", "-")
    return flag if value in (None, "True") else f"{flag} {value}"
