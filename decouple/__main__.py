"""The process of `decouple ...` and `python -m decouple`: what holds for a whole process, and then the command.

`decouple.cli.main` leaves all of it alone, since a program of the user may call that.
"""

import os
import signal
import sys

_INTERRUPTED, _READER_ENDED = 130, 141  # exit codes


def run() -> int:
    """Run the command of `sys.argv`, and return its exit code."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # a process in the background may ignore Ctrl-C
        signal.signal(signal.SIGINT, _exit_at_once)  # first of all: imports take most of a second
    import _thread
    import io

    from decouple.cli import main
    from decouple.memory import keep_freed_memory

    def pass_on_interrupt(error: "sys.UnraisableHookArgs") -> None:
        """Send Ctrl-C again where it came inside a callback from which Python lets no exception out."""
        if issubclass(error.exc_type, KeyboardInterrupt):
            _thread.interrupt_main()
        else:
            sys.__unraisablehook__(error)

    sys.unraisablehook = pass_on_interrupt
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a class name that the terminal cannot show must not end a run
            stream.reconfigure(errors="backslashreplace")
    keep_freed_memory()
    return _end(_flushed(main(before_command=_before_command)))


def _flushed(code: int) -> int:
    """Return the exit code once stdout is written; another one where its reader, such as `head`, has ended."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes once more when it ends
        return _READER_ENDED if code == 0 else code
    return code


def _end(code: int) -> int:
    """End the process without deleting its modules one by one, which takes 0.4 s with torch.

    Functions registered with `atexit` are called. While another thread is at work, return the exit code instead.
    """
    import atexit
    import threading

    if any(not thread.daemon for thread in threading.enumerate() if thread is not threading.main_thread()):
        return code
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _exit_at_once(_number: int, _frame: object) -> None:
    """End the process before it has anything to save; an exception inside an import would print a traceback."""
    os.write(2, b"\ninterrupted before anything was written; the same command starts again\n")
    os._exit(_INTERRUPTED)


def _before_command() -> None:
    """Exempt the imported modules from garbage collection, and let Ctrl-C raise KeyboardInterrupt from now on."""
    import gc

    gc.freeze()  # a single pass through torch's classes takes 0.2 s
    if signal.getsignal(signal.SIGINT) is _exit_at_once:
        signal.signal(signal.SIGINT, signal.default_int_handler)


if __name__ == "__main__":
    sys.exit(run())
