"""SVG of figures: text remains text, ids are unique on a page, and the same figure gives the same bytes."""

import hashlib
import html
import io
import re
from typing import Any

from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from decouple.reporting.palette import page_colour
from decouple.reporting.style import DPI

FONTS = "'DejaVu Sans', Verdana, Geneva, sans-serif"  # Verdana has the widths of DejaVu Sans, by which text is placed
_TAG = re.compile(r"<[^<>]+>")  # text holds no "<" and no ">": matplotlib escapes both
_FONT = re.compile(r"'DejaVu Sans'[^;\"]*")
_COLOUR = re.compile(r"(?<=(?:fill|roke): )#[0-9a-f]{6}")
_ID = re.compile(r' id="([^"]*)"')
_REFERENCE = re.compile(r"(?<=url\(#)[^)]+|(?<=href=\"#)[^\"]+")
_SIZE = re.compile(r' width="([\d.]+)pt" height="([\d.]+)pt"')
_LINES = "stroke-linejoin: round; stroke-linecap: butt"


def render_svg(figure: Figure) -> str:
    """Return what matplotlib writes for `figure`, without a date; its layout must be computed."""
    canvas: Any = FigureCanvasSVG(figure)
    text = io.StringIO()
    canvas.print_svg(text, metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    figure.set_dpi(DPI)  # print_svg leaves it at 72
    return re.sub(r"\s*<metadata>.*?</metadata>", "", text.getvalue(), flags=re.DOTALL)


def portable_svg(svg: str, label: str) -> str:
    """Return the text of an SVG file: web-safe fonts, and `label` as its title."""
    svg = _TAG.sub(lambda tag: _FONT.sub(FONTS, tag[0]), svg)
    return re.sub(
        r"(<svg [^<>]*)>", lambda tag: f'{tag[1]} role="img">\n <title>{_escaped(label)}</title>', svg, count=1
    )


def inline_svg(svg: str, label: str) -> str:
    """Return an `<svg>` element for an HTML page, which has several of them.

    It has no XML header, no rules that hold for the whole page, and a transparent background. Text has the colour of
    the page's text; the other colours are CSS variables, see `decouple.reporting.palette`. Ids begin with a hash of the
    figure.

    Args:
        svg: what `render_svg` returns.
        label: the alternative text, of any letters.
    """
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<style .*?</style>", "", body, count=1, flags=re.DOTALL)
    referenced = {name for tag in _TAG.findall(body) for name in _REFERENCE.findall(tag)}
    prefix = f"f{hashlib.sha256(body.encode()).hexdigest()[:10]}-"
    body = _TAG.sub(lambda tag: _inline_tag(tag[0], referenced, prefix), body)
    text = _escaped(label)
    head = f'<svg class="figure" role="img" aria-label="{text}" style="{_LINES}"'
    body = body.replace("<svg", head, 1)
    return re.sub(r"(<svg [^<>]*>)", lambda tag: f"{tag[0]}<title>{text}</title>", body, count=1).strip()


def _inline_tag(tag: str, referenced: set[str], prefix: str) -> str:
    """Return a tag with web-safe fonts, colours of the page and no id but `referenced` ones, behind `prefix`."""
    tag = _FONT.sub(FONTS, tag)
    tag = _COLOUR.sub(lambda colour: page_colour(colour[0]), tag)
    tag = _ID.sub(lambda match: f' id="{prefix}{match[1]}"' if match[1] in referenced else "", tag)
    tag = _REFERENCE.sub(lambda match: prefix + match[0], tag)
    return _SIZE.sub(lambda size: f' width="{_pixels(size[1])}" height="{_pixels(size[2])}"', tag)


def _pixels(points: str) -> int:
    return round(float(points) * 96 / 72)


def _escaped(label: str) -> str:
    return html.escape(" ".join(label.split()), quote=True)
