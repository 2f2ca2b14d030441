"""Tables and lines as the text that a command prints."""

from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from decouple.reporting.table_layout import fit, unlimited

Block = Table | Text | Rule | str  # a string is one or more plain lines

_PIPED_RULE_WIDTH = 100
_UNLIMITED = 10**6  # characters


def render(*blocks: Block) -> str:
    """Return blocks below each other as text for stdout: styled on a terminal, plain in a pipe.

    Lines are never wrapped. In a pipe tables have their natural width, and every cell is on one line; on a terminal
    they are as wide as that at most, see `decouple.reporting.table_layout`. The variable NO_COLOR turns colours off.

    Example:
        >>> print(render("run: runs/base", "figures: runs/base/figures"), end="")
        run: runs/base
        figures: runs/base/figures
    """
    console = Console()
    is_piped = not console.file.isatty()
    if is_piped:
        console.width = _PIPED_RULE_WIDTH
    with console.capture() as capture:
        for block in blocks:
            if isinstance(block, Table):
                _print_table(console, block, is_piped)
            elif isinstance(block, str):
                console.print(block, highlight=False, markup=False, soft_wrap=True)
            else:
                console.print(block, highlight=False, soft_wrap=isinstance(block, Text))
    return capture.get()


def _print_table(console: Console, table: Table, is_piped: bool) -> None:
    """Print a table, its title on a line of its own, in blocks where it is too wide for a terminal."""
    if table.title:
        title = table.title if isinstance(table.title, Text) else Text(str(table.title))
        console.print(Text(title.plain, style=table.title_style or ""), highlight=False, soft_wrap=True)
    width = console.width
    parts = [unlimited(table)] if is_piped else fit(table, width)
    console.width = _UNLIMITED  # the columns have their widths; rich would make them narrower
    for index, part in enumerate(parts):
        if index:
            console.print()
        console.print(part, highlight=False)
    console.width = width
