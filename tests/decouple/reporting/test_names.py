import pytest

from decouple.reporting.names import printable, shorten


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("plain", "plain"),
        (" two\nlines\t here ", "two lines here"),
        ("\x1b[31mred", "[31mred"),
        ("a\udcffb", "ab"),
        ("\x00", "?"),
        ("", "?"),
    ],
)
def test_printable_keeps_one_line_of_what_can_be_shown(name: str, expected: str) -> None:
    assert printable(name) == expected


def test_short_names_stay_whole() -> None:
    assert shorten("abcde", 5) == "abcde"


def test_shorten_keeps_both_ends() -> None:
    # 10 letters: 6 of the start, the ellipsis, and (10 - 1) // 3 = 3 of the end.
    assert shorten("abcdefghijklmnopqrstuvwxyz", 10) == "abcdef…xyz"
