"""The door: find the command, parse its settings, run it, answer with an exit code.

0: done. 1: a part failed, the rest is done. 2: the user can put it right. Both say so in one sentence on stderr. 130:
interrupted, what was done is saved. A traceback is a bug. Only this file imports inside functions: a command's own
modules (and torch with them) are loaded once its settings are known to be right, so that `--help` and typing errors
answer at once.
"""

import errno
import gc
import importlib
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import decouple
from decouple.errors import DecoupleError, InterruptedRunError, PartialFailureError
from decouple.log import console_log
from decouple.lookup import look_up


class Command(NamedTuple):
    """One row of the overview, and where the rest of it is found."""

    summary: str
    settings: str  # module:class of its options
    module: str  # whose `run` does it


COMMANDS = {
    "quickstart": Command(
        "the whole way on scikit-learn's digits, in two minutes",
        "decouple.config.command_settings:QuickstartConfig",
        "decouple.commands.quickstart",
    ),
    "data": Command(
        "images per class, groups, ratio and splits of a data set",
        "decouple.config.command_settings:DataCommandConfig",
        "decouple.commands.data",
    ),
    "stage1": Command(
        "learn a representation and a first classifier", "stage1.settings:Stage1Config", "decouple.commands.stage1"
    ),
    "stage2": Command(
        "re-balance the classifier on cached features: tau, crt, ncm, lws, all",
        "stage2.settings:Stage2Config",
        "decouple.commands.stage2",
    ),
    "tune weight-decay": Command(
        "search the weight decay of stage one, then train with the best",
        "tuning.settings:WeightDecayConfig",
        "decouple.commands.tune_weight_decay",
    ),
    "tune tau": Command(
        "search tau on the validation features", "tuning.settings:TauConfig", "decouple.commands.tune_tau"
    ),
    "tune joint": Command(
        "search weight decay and learning rate, each trial with its own best tau; then train with the best",
        "tuning.settings:JointConfig",
        "decouple.commands.tune_joint",
    ),
    "tune stage2": Command(
        "search learning rate, epochs, weight decay and sampler of crt or lws",
        "tuning.settings:Stage2SearchConfig",
        "decouple.commands.tune_stage2",
    ),
    "evaluate": Command(
        "run a saved network over images again and print every metric",
        "decouple.config.command_settings:EvaluateConfig",
        "decouple.commands.evaluate",
    ),
    "sweep": Command(
        "a grid of data x stage one x stage two x seeds, and one table of it",
        "tuning.sweep.settings:SweepConfig",
        "decouple.commands.sweep",
    ),
    "compare": Command(
        "saved classifiers on the same images: intervals, differences, tests",
        "decouple.config.command_settings:CompareConfig",
        "decouple.commands.compare",
    ),
    "methods": Command(
        "list samplers, losses, mixings, stage-two methods and backbones",
        "decouple.config.command_settings:MethodsConfig",
        "decouple.commands.methods",
    ),
    "runs": Command(
        "list the runs with their headline numbers",
        "decouple.config.command_settings:RunsConfig",
        "decouple.commands.runs",
    ),
}

REMEDIES = {  # what the operating system may refuse, and what then helps; anything else is a bug
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
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        return _dispatch(words, before_command)
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
    except OSError as error:
        if error.errno not in REMEDIES:
            raise
        place = f" at {error.filename}" if error.filename else ""
        print(f"error: {error.strerror}{place}; {REMEDIES[error.errno]}", file=sys.stderr)
        return 2


def _dispatch(words: list[str], before_command: Callable[[], None]) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        print(_overview())
        return 0
    if words[0] == "--version":
        print(f"decouple {decouple.__version__}")
        return 0
    name, rest = _command(words)
    command = COMMANDS[name]
    settings_module, settings_class = command.settings.split(":")
    from decouple.config.command_line import parse  # costs 0.1 s, which the overview does not need

    kind = getattr(importlib.import_module(settings_module), settings_class)
    try:
        parsed = parse(kind, rest, f"decouple {name}")
    except SystemExit:  # --help has been printed
        return 0
    module = _load(command.module)
    before_command()
    with console_log():
        module.run(parsed)
    return 0


def _load(module: str) -> Any:
    """Import a command's module without garbage collection, which would traverse torch's classes again and again.

    The process is the command's own, so what is imported can be exempt from later collections too.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        return importlib.import_module(module)
    finally:
        gc.freeze()
        if was_on:
            gc.enable()


def _command(words: list[str]) -> tuple[str, list[str]]:
    """Split the words into a command's name (one or two words) and its options."""
    groups = {name.split()[0] for name in COMMANDS if " " in name}
    if words[0] not in groups:
        look_up({name.split()[0]: name for name in COMMANDS}, words[0], "command")
        return words[0], words[1:]
    targets = {name.split()[1]: name for name in COMMANDS if name.startswith(words[0] + " ")}
    if len(words) < 2 or words[1].startswith("-"):
        if words[1:2] in (["-h"], ["--help"]):
            print(_overview())
            raise SystemExit(0)
        raise DecoupleError(f"'decouple {words[0]}' needs one of: {', '.join(targets)}")
    return look_up(targets, words[1], f"{words[0]} target"), words[2:]


def _overview() -> str:
    lines = (f"  {name:<18} {command.summary}" for name, command in COMMANDS.items())
    return "\n".join(
        [
            "usage: decouple COMMAND [--options]",
            "",
            "Two-stage training of image classifiers on long-tailed data.",
            "",
            *lines,
            "",
            "`decouple COMMAND --help` lists a command's options with units and defaults; `--version` tells it.",
        ]
    )
