"""Commands on a real terminal: a pseudo-terminal of a given width."""

import fcntl
import os
import re
import struct
import sys
import termios
from pathlib import Path

import pytest

pty = pytest.importorskip("pty")


def on_terminal(words: list[str], columns: int, **variables: str) -> str:
    """Return what a command writes on a terminal that is `columns` wide."""
    inherited = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(sys.executable, [sys.executable, "-m", "decouple", *words], {**inherited, **variables})
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    parts = []
    try:
        while part := os.read(terminal, 65536):
            parts.append(part)
    except OSError:  # the command has ended
        pass
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    return b"".join(parts).decode().replace("\r\n", "\n")


def test_a_narrow_terminal_gets_every_column(runs: Path) -> None:
    text = on_terminal(["runs", "--runs", str(runs)], 40, TERM="xterm")
    table, note = re.sub(r"\x1b\[[\d;]*m", "", text).split("runs in ")
    assert max(map(len, table.splitlines())) <= 40
    names = {"run", "status", "data", "model", "few", "balanced", "base", "finished", "digits", "resnet20"}
    assert names <= set(table.split())
    assert note.endswith("the recommended method\n")


@pytest.mark.parametrize("no_color", [True, False])
def test_colours_can_be_turned_off(tmp_path: Path, small: list[str], no_color: bool) -> None:
    variables = {"NO_COLOR": "1"} if no_color else {}
    words = ["stage1", *small, "--runs", str(tmp_path / "runs"), "--device", "cpu"]
    text = on_terminal(words, 100, TERM="xterm-256color", **variables)
    assert "images/s" in text  # the progress bar
    colours = re.findall(r"\x1b\[(?:\d+;)*(?:3[0-8]|4[0-8]|9\d)(?:;\d+)*m", text)
    assert bool(colours) is not no_color
