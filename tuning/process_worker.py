"""A worker process of `tuning.process_pool`: `python -m tuning.process_worker`, with its task pickled on stdin."""

import contextlib
import os
import pickle
import signal
import sys
import threading
import traceback
from io import TextIOWrapper

from decouple.errors import DecoupleError, InterruptedRunError
from decouple.log import console_log, logger
from decouple.memory import keep_freed_memory

FAILED_CODE, INTERRUPTED_CODE = 2, 130  # exit codes


def main() -> int:
    """Call the function that is pickled on stdin with its arguments, and return the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(line_buffering=True, encoding="utf-8", errors="replace")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that running work is saved or given back
    keep_freed_memory()
    with console_log():  # stdout and stderr are the log of this worker
        try:
            function, arguments = pickle.load(sys.stdin.buffer)
            threading.Thread(target=_end_with_parent, daemon=True).start()
            function(*arguments)
        except (InterruptedRunError, KeyboardInterrupt) as stopped:
            logger.warning(stopped)
            return INTERRUPTED_CODE
        except DecoupleError as error:
            logger.warning(error)
            return FAILED_CODE
        except Exception:
            traceback.print_exc()
            return FAILED_CODE
    return 0


def _end_with_parent() -> None:
    """Stop when stdin is closed, since the process that started this one has then gone."""
    with contextlib.suppress(OSError, ValueError):
        os.read(sys.stdin.fileno(), 1)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
