"""The common style of all figures, and how they are written.

Figures use the object interface of matplotlib throughout: pyplot has global state and is slow to import.
"""

import contextlib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib import font_manager
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from decouple.files.atomic import replacing
from decouple.report.names import printable, shorten

DPI = 150
PNG_COMPRESS_LEVEL = 2  # of 9: files a fifth larger than at the default 6, written three times as fast
INK, GREY = "#222222", "#8C8C8C"

# Paul Tol's "high contrast" colours: distinguishable with every type of colour vision, and in greyscale print.
GROUP_COLOURS = {
    "many": "#004488", "medium": "#DDAA33", "few": "#BB5566",
    "head": "#004488", "middle": "#DDAA33", "tail": "#BB5566",
    "balanced": INK, "all": GREY,
}  # fmt: skip

# Okabe and Ito's colours without yellow, which is invisible on white; shapes distinguish methods once colours repeat.
METHOD_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#222222")
METHOD_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">", "h")

_FONT = "DejaVu Sans"  # comes with matplotlib, so a figure is the same on every machine
_STYLE: Any = {  # matplotlib types its keys as literals, which differ from version to version
    "font.family": _FONT, "font.size": 9, "axes.labelsize": 9, "axes.titlesize": 9.5, "axes.titleweight": "bold",
    "xtick.labelsize": 8, "ytick.labelsize": 8, "legend.fontsize": 8, "legend.frameon": False,
    "axes.spines.top": False, "axes.spines.right": False, "axes.linewidth": 0.8, "axes.edgecolor": INK,
    "text.color": INK, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK,
    "axes.grid": True, "axes.grid.axis": "y", "grid.color": "#E3E3E3", "grid.linewidth": 0.6,
    "axes.axisbelow": True, "lines.linewidth": 1.6, "lines.markersize": 4.5,
    "text.parse_math": False,  # a "$" in a class name is a dollar sign
}  # fmt: skip


@contextlib.contextmanager
def new_figure(path: Path, *, width: float = 6.4, height: float = 3.6) -> Iterator[Figure]:
    """Yield an empty figure of `width` x `height` inches; it is written to `path` unless the block raises."""
    with empty_figure(width=width, height=height) as figure:
        yield figure
        save(figure, path)


@contextlib.contextmanager
def empty_figure(*, width: float, height: float) -> Iterator[Figure]:
    """Yield an empty figure of `width` x `height` inches, to be saved inside the block.

    The style applies inside the block only and overrides the user's matplotlib settings.
    """
    with matplotlib.rc_context():
        matplotlib.rcParams.update(_defaults())
        matplotlib.rcParams.update(_STYLE)
        yield Figure(figsize=(width, height), dpi=DPI, layout="constrained")


@cache
def _defaults() -> Any:
    """Return matplotlib's built-in settings; its own `rcdefaults` would read all style files for that."""
    return {name: value for name, value in matplotlib.rcParamsDefault.items() if not name.startswith("backend")}


def save(figure: Figure, path: Path) -> None:
    """Write `figure` as a PNG atomically; the same figure gives the same bytes."""
    canvas: Any = FigureCanvasAgg(figure)  # matplotlib gives print_png no types
    with replacing(path) as temporary:  # savefig would draw everything twice, the first time for the layout alone
        canvas.print_png(temporary, metadata={"Software": None}, pil_kwargs={"compress_level": PNG_COMPRESS_LEVEL})


def method_colour(position: int) -> str:
    """Return the colour of the method at `position` of its figure."""
    return METHOD_COLOURS[position % len(METHOD_COLOURS)]


def method_marker(position: int) -> str:
    """Return the marker of the method at `position` of its figure."""
    return METHOD_MARKERS[position % len(METHOD_MARKERS)]


def drawable(name: str, stand_in: str, *, limit: int = 20) -> str:
    """Return `name`, shortened, in letters that the font has; `stand_in` replaces the other letters.

    The drawable part of a name remains: "été (class 3)" for "été" and a cat, "class 3" for the cat alone.
    """
    name = printable(name)
    drawable_part = "".join(letter for letter in name if ord(letter) in _glyphs())
    if drawable_part == name:
        return shorten(name, limit)
    room = limit - len(stand_in) - 3
    text = " ".join(drawable_part.split()).strip("_-. ")
    return f"{shorten(text, room)} ({stand_in})" if text and room > 3 else stand_in


def legend_above(figure: Figure, handles: Sequence[Artist], labels: Sequence[str], *, columns: int = 0) -> None:
    """Put one legend above all panels of `figure`, where it hides no data, in as many columns as fit (or `columns`)."""
    if not labels:
        return
    # matplotlib leaves out labels that start with an underscore, as internal ones.
    texts = [f" {label}" if label.startswith("_") else label for label in labels]
    inches = 0.55 + 0.072 * max(len(label) for label in texts)
    fitting = max(1, int(figure.get_figwidth() / inches))
    figure.legend(handles, texts, loc="outside upper center", ncols=min(len(texts), columns or fitting))


def in_rows(*rows: Sequence[tuple[Artist, str]]) -> tuple[list[Artist], list[str], int]:
    """Return the handles, labels and columns with which `legend_above` puts each of `rows` in a row of its own.

    matplotlib fills a legend column by column; shorter rows are padded with blank entries.
    """
    columns = max(len(row) for row in rows)
    blank: tuple[Artist, str] = (Patch(visible=False), "")
    entries = [row[column] if column < len(row) else blank for column in range(columns) for row in rows]
    return [handle for handle, _ in entries], [label for _, label in entries], columns


def say_nothing(axes: Axes, text: str = "no values to show") -> None:
    """Write `text` in the middle of an empty panel, to show that it is empty on purpose."""
    axes.set_yticks([])
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color=GREY)


@cache
def _glyphs() -> frozenset[int]:
    """Return the code points that the font can draw."""
    return frozenset(font_manager.get_font(font_manager.findfont(_FONT)).get_charmap())
