"""Tables and lines as the text that a command prints."""

from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

Block = Table | Text | Rule | str  # a string is one or more plain lines

_PIPED_WIDTH = 120


def render(*blocks: Block) -> str:
    """Return blocks below each other as text for stdout: styled on a terminal, plain in a pipe.

    Lines are never wrapped; in a pipe the width is large enough that no table is cut or wrapped either.

    Example:
        >>> print(render("run: runs/base", "figures: runs/base/figures"), end="")
        run: runs/base
        figures: runs/base/figures
    """
    console = _console()
    with console.capture() as capture:
        for block in blocks:
            if isinstance(block, str):
                console.print(block, highlight=False, markup=False, soft_wrap=True)
            else:
                console.print(block, highlight=False, soft_wrap=isinstance(block, Text))
    return capture.get()


def _console() -> Console:
    terminal = Console()
    return terminal if terminal.is_terminal else Console(width=max(_PIPED_WIDTH, terminal.width))
