"""The command line: find the command, parse its settings, run it, and return an exit code.

0: done. 1: part of the work failed, the rest is done. 2: an error that the user can correct. Both print one sentence on
stderr. 130: interrupted, with the finished work saved. 141: the reader of stdout has ended. A traceback is a bug. The
modules of a command, and torch with them, are imported after its settings are checked, so that `--help` and typing
errors are answered at once.
"""

import errno
import gc
import importlib
import sys
from collections.abc import Callable
from typing import Any

import decouple
import decouple.process_start
from decouple.command_table import COMMANDS, GROUPS
from decouple.errors import DecoupleError, InterruptedRunError, PartialFailureError
from decouple.log import console_log, logger
from decouple.lookup import look_up

READER_ENDED = 141  # as a process that SIGPIPE ends; `decouple methods | head` is no error
REMEDIES = {  # error numbers of the operating system, and advice; any other one is a bug
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "free some space, or choose another folder"),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "permit it, or choose another folder"),
    **dict.fromkeys((errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EEXIST), "check the path"),
    **dict.fromkeys((errno.ENAMETOOLONG, errno.EIO), "check the path and the disk"),
}


def main(argv: list[str] | None = None, *, before_command: Callable[[], None] = lambda: None) -> int:
    """Run one command, e.g. ``main(["stage2", "--method", "tau"])``, and return its exit code.

    Args:
        argv: the command and its options; None: those of `sys.argv`.
        before_command: called once everything that the command needs is imported.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        return _dispatch(arguments, before_command)
    except DecoupleError as error:
        print(f"error: {error.with_flags()}", file=sys.stderr)
        return 2
    except PartialFailureError as error:
        print(f"error: {error.with_flags()}", file=sys.stderr)
        return 1
    except InterruptedRunError as interrupted:
        print(f"\n{interrupted.with_flags()}", file=sys.stderr)
        return 130
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return READER_ENDED
    except OSError as error:
        if error.errno not in REMEDIES:
            raise
        location = f" at {error.filename}" if error.filename else ""
        print(f"error: {error.strerror}{location}; {REMEDIES[error.errno]}", file=sys.stderr)
        return 2


def _dispatch(arguments: list[str], before_command: Callable[[], None]) -> int:
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(_overview())
        return 0
    if arguments[0] == "--version":
        print(f"decouple {decouple.__version__}")
        return 0
    name, options = _command(arguments)
    command = COMMANDS[name]
    settings_module, settings_class = command.settings.split(":")
    from decouple.config.command_line import parse  # costs 0.1 s, which the overview does not need

    settings_type = getattr(importlib.import_module(settings_module), settings_class)
    try:
        parsed = parse(
            settings_type, options, f"decouple {name}", call_options=command.call_options, examples=command.examples
        )
    except SystemExit:  # --help has been printed
        return 0
    module = _load(command.module)
    before_command()
    with console_log(quiet=parsed.call.quiet, on_stderr=parsed.call.machine_readable):
        for remark in parsed.remarks:
            logger.info(remark)
        module.run(parsed)
    return 0


def _load(module: str) -> Any:
    """Import a command's module without garbage collection, which would traverse torch's classes again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        return importlib.import_module(module)
    finally:
        if was_on:
            gc.enable()


def _command(arguments: list[str]) -> tuple[str, list[str]]:
    """Split arguments into the name of a command (one or two words) and its options."""
    groups = {name.split()[0] for name in COMMANDS if " " in name}
    if arguments[0] not in groups:
        look_up({name.split()[0]: name for name in COMMANDS}, arguments[0], "command")
        return arguments[0], arguments[1:]
    targets = {name.split()[1]: name for name in COMMANDS if name.startswith(arguments[0] + " ")}
    if len(arguments) < 2 or arguments[1].startswith("-"):
        if arguments[1:2] in (["-h"], ["--help"]):
            print(_overview())
            raise SystemExit(0)
        raise DecoupleError(f"'decouple {arguments[0]}' needs one of: {', '.join(targets)}")
    return look_up(targets, arguments[1], f"{arguments[0]} target"), arguments[2:]


def _overview() -> str:
    lines = ["usage: decouple COMMAND [--options]", "", "Two-stage training of image classifiers on long-tailed data."]
    for group, description in GROUPS.items():
        lines += ["", f"{group}: {description}"]
        lines += [f"  {name:<18} {command.summary}" for name, command in COMMANDS.items() if command.group == group]
    lines += [
        "",
        "`decouple COMMAND --help` shows examples and all options of a command; `--version` prints that.",
        "Exit codes: 0 done, 1 a part failed, 2 a mistake in the call, 130 interrupted.",
    ]
    return "\n".join(lines)
