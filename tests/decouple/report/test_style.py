from pathlib import Path

import matplotlib
import pytest
from matplotlib.patches import Patch

from decouple.report.style import METHOD_COLOURS, drawable, in_rows, method_colour, method_marker, new_figure


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


def test_letters_of_all_scripts_are_drawn_without_a_warning(tmp_path: Path) -> None:
    with new_figure(tmp_path / "figure.png") as figure:
        for start in range(0, 0x20000, 1024):
            figure.text(0.1, 0.5, drawable("".join(map(chr, range(start, start + 64))), f"class {start}", limit=80))


def test_the_style_ends_with_the_figure_and_ignores_the_users_own(tmp_path: Path) -> None:
    with matplotlib.rc_context({"font.size": 40, "savefig.bbox": "tight"}):
        with new_figure(tmp_path / "one.png") as figure:
            figure.text(0.5, 0.5, "$text$")
        assert matplotlib.rcParams["font.size"] == 40
    with new_figure(tmp_path / "two.png") as figure:
        figure.text(0.5, 0.5, "$text$")
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()


def test_a_figure_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), new_figure(tmp_path / "figure.png"):
        _ = 1 / 0
    assert list(tmp_path.iterdir()) == []


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
