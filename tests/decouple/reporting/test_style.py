from collections.abc import Iterator
from pathlib import Path

import matplotlib
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from decouple.reporting.figure_files import lay_out, save_figure
from decouple.reporting.legends import in_rows, legend_above
from decouple.reporting.palette import METHOD_COLOURS
from decouple.reporting.style import DPI, drawable, figure_style, method_colour, method_marker, new_figure, styled


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("plain_name", "plain_name"),
        ("caf\u00e9", "caf\u00e9"),
        ("dog \N{DOG FACE}", "dog (class 3)"),
        ("\u732b", "class 3"),
        ("\u732b_\u732b", "class 3"),
        ("abcdefghijklmnopqrstuvwxyz", "abcdefghijklm…uvwxyz"),
        ("abcdefghijklmnopqrstuvwxyz \u732b", "abcdef…xyz (class 3)"),
    ],
)
def test_drawable_names_the_class_where_letters_are_missing(name: str, expected: str) -> None:
    assert drawable(name, "class 3") == expected
    assert len(expected) <= 20


@pytest.fixture
def in_style() -> Iterator[None]:
    """Apply the style of figures."""
    with figure_style():
        yield


def test_letters_of_all_scripts_are_drawn_without_a_warning(tmp_path: Path) -> None:
    figure = new_figure("title", width=6, height=4)
    for start in range(0, 0x20000, 1024):
        figure.text(0.1, 0.5, drawable("".join(map(chr, range(start, start + 64))), f"class {start}", limit=80))
    save_figure(figure, tmp_path / "figure.png")


def test_the_style_ends_with_the_figure_and_ignores_the_users_own(tmp_path: Path) -> None:
    @styled
    def draw() -> Figure:
        figure = new_figure("title", width=6, height=4)
        figure.text(0.5, 0.5, "$text$")
        return figure

    with matplotlib.rc_context({"font.size": 40, "savefig.bbox": "tight"}):
        save_figure(draw(), tmp_path / "one.png")
        assert matplotlib.rcParams["font.size"] == 40
    save_figure(draw(), tmp_path / "two.png")
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()


@pytest.mark.usefixtures("in_style")
def test_the_title_is_above_the_legend_and_the_panels() -> None:
    figure = new_figure("what", "run r", width=6, height=4)
    assert figure.get_label() == "what. run r"
    assert figure.get_figheight() == pytest.approx(4 + 2 * 0.24 + 0.04)
    axes = figure.add_subplot()
    (line,) = axes.plot([0, 1])
    legend_above(figure, [line], ["line"])
    lay_out(figure)
    legend, title = figure.legends[0].get_window_extent(), figure.texts[1].get_window_extent()
    assert axes.get_tightbbox().y1 < legend.y0  # type: ignore[union-attr]
    assert legend.y1 < title.y0
    assert title.y1 < figure.texts[0].get_window_extent().y0


@pytest.mark.usefixtures("in_style")
def test_a_long_title_is_cut_where_the_figure_ends() -> None:
    figure = new_figure("W" * 200, "m" * 200, width=3, height=2)
    lay_out(figure)
    assert all(text.get_window_extent().x1 < 3 * DPI for text in figure.texts)


def test_methods_beyond_the_palette_differ_in_their_marker() -> None:
    looks = {(method_colour(i), method_marker(i)) for i in range(40)}
    assert len(looks) == 40
    assert method_colour(len(METHOD_COLOURS)) == method_colour(0)


def test_in_rows_fills_columns_so_that_rows_stay_together() -> None:
    one, two, three = Patch(), Patch(), Patch()
    handles, labels, columns = in_rows([(one, "a"), (two, "b")], [(three, "c")])
    # A legend is filled downwards: (a, c), (b, nothing).
    assert columns == 2
    assert labels == ["a", "c", "b", ""]
    assert handles[:3] == [one, three, two]
