"""Figures as files and as text for a page: PNG, SVG and PDF. The same figure gives the same bytes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from decouple.files.atomic import replacing
from decouple.reporting.figure_formats import require_figure_path
from decouple.reporting.style import DPI, figure_style
from decouple.reporting.svg_text import inline_svg, portable_svg, render_svg

PNG_COMPRESS_LEVEL = 2  # of 9: files a fifth larger than at the default 6, written three times as fast


def save_figure(figure: Figure, path: Path) -> None:
    """Write `figure` to `path` atomically, in the format of its ending: .png, .svg or .pdf.

    Raises:
        ConfigError: another ending, or the folder is missing.
    """
    require_figure_path("figure", path)
    write = _WRITERS[path.suffix.lower()]
    with figure_style(), replacing(path) as temporary:
        write(figure, temporary)


def figure_svg(figure: Figure, *, label: str | None = None) -> str:
    """Return `figure` as an `<svg>` element for an HTML page, see `decouple.reporting.svg_text.inline_svg`.

    Args:
        figure: drawn by a function of this package.
        label: the alternative text; default: the title and the subtitle.
    """
    backgrounds = [patch for patch in (figure.patch, *(axes.patch for axes in figure.axes)) if patch.get_visible()]
    with figure_style():
        lay_out(figure)
        for patch in backgrounds:
            patch.set_visible(False)
        try:
            svg = render_svg(figure)
        finally:
            for patch in backgrounds:
                patch.set_visible(True)
    return inline_svg(svg, str(figure.get_label()) if label is None else label)


def save_run_figure(figure: Figure, path: Path, *, svg: bool = False) -> None:
    """Write `figure` as PNG, and as SVG if asked for, to `path` with these endings; make the folder.

    Without `svg`, an SVG of that name is removed: it shows an earlier state of the run.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    save_figure(figure, path.with_suffix(".png"))
    if svg:
        save_figure(figure, path.with_suffix(".svg"))
    else:
        path.with_suffix(".svg").unlink(missing_ok=True)


def remove_run_figure(path: Path) -> None:
    """Remove what `save_run_figure` has written to `path`, if anything."""
    for ending in (".png", ".svg"):
        path.with_suffix(ending).unlink(missing_ok=True)


def lay_out(figure: Figure) -> None:
    """Compute the positions of all parts of `figure`, once for every format that it is then written in."""
    if isinstance(figure.get_layout_engine(), ConstrainedLayoutEngine):
        FigureCanvasAgg(figure)
        figure.draw_without_rendering()
        figure.set_layout_engine("none")


def _write_png(figure: Figure, path: Path) -> None:
    canvas: Any = FigureCanvasAgg(figure)  # matplotlib gives print_png no types
    # savefig would draw everything twice, the first time for the layout alone
    canvas.print_png(path, metadata={"Software": None}, pil_kwargs={"compress_level": PNG_COMPRESS_LEVEL})
    figure.set_layout_engine("none")  # the layout of this drawing serves all formats


def _write_svg(figure: Figure, path: Path) -> None:
    lay_out(figure)
    path.write_text(portable_svg(render_svg(figure), str(figure.get_label())), encoding="utf-8")


def _write_pdf(figure: Figure, path: Path) -> None:
    from matplotlib.backends.backend_pdf import FigureCanvasPdf

    lay_out(figure)
    canvas: Any = FigureCanvasPdf(figure)
    canvas.print_pdf(path, metadata={"CreationDate": None, "Creator": None, "Producer": None})
    figure.set_dpi(DPI)  # print_pdf leaves it at 72


_WRITERS: dict[str, Callable[[Figure, Path], None]] = {".png": _write_png, ".svg": _write_svg, ".pdf": _write_pdf}
