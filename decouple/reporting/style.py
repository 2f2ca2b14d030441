"""The common style of all figures: fonts, colours and titles.

Figures use the object interface of matplotlib throughout: pyplot has global state and is slow to import.
"""

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any, ParamSpec

import matplotlib
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.text import Text
from matplotlib.transforms import offset_copy

from decouple.reporting.names import printable, shorten
from decouple.reporting.palette import GREY, GRID, INK, METHOD_COLOURS, METHOD_MARKERS

DPI = 150
MAX_VECTOR_DOTS = 500  # more dots of a series are pixels in a vector file, which would grow with their number
TITLE_HEIGHT = 0.24  # inches, of a line of the title

_P = ParamSpec("_P")

_FONT = "DejaVu Sans"  # comes with matplotlib, so a figure is the same on every machine
_STYLE: Any = {  # matplotlib types its keys as literals, which differ from version to version
    "font.family": _FONT, "font.size": 9, "axes.labelsize": 9, "axes.titlesize": 9.5, "axes.titleweight": "bold",
    "xtick.labelsize": 8, "ytick.labelsize": 8, "legend.fontsize": 8, "legend.frameon": False,
    "axes.spines.top": False, "axes.spines.right": False, "axes.linewidth": 0.8, "axes.edgecolor": INK,
    "text.color": INK, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK,
    "axes.grid": True, "axes.grid.axis": "y", "grid.color": GRID, "grid.linewidth": 0.6,
    "axes.axisbelow": True, "lines.linewidth": 1.6, "lines.markersize": 4.5,
    "text.parse_math": False,  # a "$" in a class name is a dollar sign
    "svg.fonttype": "none", "svg.hashsalt": "decouple", "pdf.fonttype": 42,
}  # fmt: skip


@contextlib.contextmanager
def figure_style() -> Iterator[None]:
    """Apply the style of all figures inside the block, in place of the user's matplotlib settings."""
    with matplotlib.rc_context():
        matplotlib.rcParams.update(_defaults())
        matplotlib.rcParams.update(_STYLE)
        yield


def styled(draw: Callable[_P, Figure]) -> Callable[_P, Figure]:
    """Return `draw`, which returns a figure, with the style applied while it runs."""

    @functools.wraps(draw)
    def draw_in_style(*args: _P.args, **kwargs: _P.kwargs) -> Figure:
        with figure_style():
            return draw(*args, **kwargs)

    return draw_in_style


def new_figure(title: str, subtitle: str = "", *, width: float, height: float) -> Figure:
    """Return an empty figure of `width` x `height` inches below its title; its label is the text of the title.

    Args:
        title: what is drawn, in bold.
        subtitle: of what: run, method, split, as `subtitle_of` joins them; "" for none.
        width: in inches; longer titles are cut in their middle.
        height: in inches, without the title and a legend above.
    """
    lines = [line for line in (title, subtitle) if line]
    room = TITLE_HEIGHT * len(lines) + 0.04
    layout = ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.07, rect=(0, 0, 1, height / (height + room)))
    figure = Figure(figsize=(width, height + room), dpi=DPI, layout=layout)
    figure.set_label(". ".join(lines))
    for index, line in enumerate(lines):
        look: Any = {"fontweight": "bold", "fontsize": 10} if index == 0 else {"color": GREY, "fontsize": 8}
        place = offset_copy(figure.transFigure, figure, x=0.1, y=-0.08 - TITLE_HEIGHT * index)
        text = figure.text(0, 1, line, va="top", in_layout=False, transform=place, **look)
        _fit(figure, text, line, width - 0.2)
    return figure


def _fit(figure: Figure, text: Text, line: str, width: float) -> None:
    """Set `text` to `line`, cut in its middle to `width` inches."""
    letters = len(line)
    text.set_text(drawable(line, "figure", limit=letters))
    while letters > 8 and (inches := text.get_window_extent(text_renderer(figure)).width / DPI) > width:
        letters = min(letters - 1, int(letters * width / inches))
        text.set_text(drawable(line, "figure", limit=letters))


def subtitle_of(run: str = "", *, method: str = "", split: str = "", weights: str = "", note: str = "") -> str:
    """Return what a figure is of, in one line: the second line of its title.

    Example:
        >>> subtitle_of("digits-resnet20-ce-1", method="tau", split="test", weights="best")
        'run digits-resnet20-ce-1 · tau · test split · best weights'
    """
    parts = (run and f"run {shorten(printable(run), 48)}", method, split and f"{split} split")
    return " · ".join(part for part in (*parts, weights and f"{weights} weights", note) if part)


@functools.cache
def _defaults() -> Any:
    """Return matplotlib's built-in settings; its own `rcdefaults` would read all style files for that."""
    return {name: value for name, value in matplotlib.rcParamsDefault.items() if not name.startswith("backend")}


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


def text_renderer(figure: Figure) -> Any:
    """Return the renderer that measures text, the same for every format."""
    canvas: Any = FigureCanvasAgg(figure)  # matplotlib gives get_renderer no types
    return canvas.get_renderer()


def say_nothing(axes: Axes, text: str = "no values to show") -> None:
    """Write `text` in the middle of an empty panel, to show that it is empty on purpose."""
    axes.set_yticks([])
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color=GREY)


@functools.cache
def _glyphs() -> frozenset[int]:
    """Return the code points that the font can draw."""
    return frozenset(font_manager.get_font(font_manager.findfont(_FONT)).get_charmap())
