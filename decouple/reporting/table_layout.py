"""Fit a table into a width without cutting a word or dropping a column.

Text columns get narrower first, down to their longest word. Where that is not enough, the columns are divided into
blocks below each other, each of which begins with the columns that tell the rows apart.
"""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import RenderableType
from rich.table import Column, Table
from rich.text import Text

GAP = 2  # blanks between two columns


def unlimited(table: Table) -> Table:
    """Return the table at its natural width: every cell on one line."""
    return _part(table, list(table.columns), [_natural_width(column) for column in table.columns])


def fit(table: Table, width: int) -> list[Table]:
    """Return the table in blocks of at most `width` characters; of a single wide column, the lines run on.

    Args:
        table: its title is left out.
        width: characters.
    """
    columns = list(table.columns)
    keys = _key_columns(columns)
    if _room(columns[: len(keys)]) > width / 2:
        keys = columns[:1]
    blocks: list[list[Column]] = [list(keys)]
    for column in columns[len(keys) :]:
        if len(blocks[-1]) > len(keys) and _room([*blocks[-1], column]) > width:
            blocks.append(list(keys))
        blocks[-1].append(column)
    return [_part(table, block, _widths(block, width)) for block in blocks]


def _key_columns(columns: Sequence[Column]) -> list[Column]:
    """Return the first columns, as many as it takes to tell all rows apart."""
    cells = [[_text(cell) for cell in column.cells] for column in columns]
    for count in range(1, len(columns)):
        rows = list(zip(*cells[:count], strict=True))
        if len(set(rows)) == len(rows):
            return list(columns[:count])
    return list(columns[:1])


def _room(columns: Sequence[Column]) -> int:
    """Return the least width of columns beside each other."""
    return sum(map(_least_width, columns)) + GAP * (len(columns) - 1)


def _widths(columns: Sequence[Column], width: int) -> list[int]:
    """Return column widths of at most `width` in all where the longest words allow that; the widest shrink first."""
    widths = [_natural_width(column) for column in columns]
    least = [_least_width(column) for column in columns]
    excess = sum(widths) + GAP * (len(columns) - 1) - width
    while excess > 0:
        slack = [index for index in range(len(columns)) if widths[index] > least[index]]
        if not slack:
            break
        widest = max(slack, key=lambda index: widths[index])
        widths[widest] -= 1
        excess -= 1
    return widths


def _natural_width(column: Column) -> int:
    return max((cell_len(line) for text in _texts(column) for line in text.split("\n")), default=0)


def _least_width(column: Column) -> int:
    """Return the width of the longest word, or of the longest line of a column that does not wrap."""
    if column.no_wrap:
        return _natural_width(column)
    longest = max((cell_len(word) for text in _texts(column) for word in text.split()), default=0)
    return min(longest, column.max_width) if column.max_width else longest


def _texts(column: Column) -> list[str]:
    return [_text(column.header), *map(_text, column.cells)]


def _text(cell: RenderableType) -> str:
    """Return the characters of a cell; the tables of `decouple.reporting.tables` hold texts alone."""
    return cell.plain if isinstance(cell, Text) else Text.from_markup(str(cell)).plain


def _part(table: Table, columns: Sequence[Column], widths: Sequence[int]) -> Table:
    """Return a table of some columns of another one, with those widths."""
    part = Table(
        header_style=table.header_style,
        box=table.box,
        show_edge=table.show_edge,
        pad_edge=table.pad_edge,
        padding=table.padding,
    )
    for column, width in zip(columns, widths, strict=True):
        part.add_column(column.header, justify=column.justify, overflow="fold", width=max(1, width))
    cells = [list(column.cells) for column in columns]
    for index, row in enumerate(table.rows):
        part.add_row(*(column[index] for column in cells), style=row.style, end_section=row.end_section)
    return part
