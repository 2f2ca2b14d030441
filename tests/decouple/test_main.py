"""The process of the command line: Ctrl-C while it starts."""

import os
import subprocess
import sys
import time
from pathlib import Path
from signal import SIGINT

import pytest

# Python itself takes some hundredths of a second before it runs a line of ours; the dot says that ours have begun.
MARKED = """
import os, signal, sys
real = signal.signal
def marked(*arguments):
    before = real(*arguments)
    signal.signal = real
    os.write(1, b".")
    return before
signal.signal = marked
from decouple.__main__ import run
sys.exit(run())
"""


@pytest.mark.parametrize("delay", [0, 0.03, 0.1, 0.3])  # seconds; torch alone takes more than one to import
def test_ctrl_c_while_modules_are_imported_ends_without_a_traceback(tmp_path: Path, delay: float) -> None:
    arguments = ["stage1", "--epochs", "1000", "--runs", str(tmp_path / "runs")]
    command = [sys.executable, "-c", MARKED, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.read(1) == "."
        time.sleep(delay)
        process.send_signal(SIGINT)
        errors = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert (
        "\ninterrupted" in errors or "\nstopped after" in errors
    )  # on a line of its own, after the ^C of the terminal


@pytest.mark.parametrize("words", [["methods"], ["methods", "--json"], []])
def test_a_reader_that_ends_early_is_no_error(words: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)  # as `head` has ended before the command prints
    done = subprocess.run(
        [sys.executable, "-m", "decouple", *words], stdout=writing, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


ENDING = """
import atexit, sys, threading
import decouple.__main__ as program
class Last:
    def __del__(self):
        print("deleted")
last = Last()
atexit.register(print, "called")
if sys.argv.pop(1) == "thread":
    go_on = threading.Event()
    atexit.register(print, "joined")
    threading.Thread(target=lambda: (go_on.wait(0.2), print("finished"))).start()
sys.exit(program.run())
"""


@pytest.mark.parametrize(
    ("case", "last_lines"),
    [("alone", ["called"]), ("thread", ["finished", "joined", "called", "deleted"])],
)
def test_the_process_ends_without_deleting_modules_unless_a_thread_is_at_work(case: str, last_lines: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ENDING, case, "--version"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[1:] == last_lines


def test_the_exit_code_survives(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "decouple", "nonsense"], capture_output=True, check=False)
    assert done.returncode == 2
