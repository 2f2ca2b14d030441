import os
from pathlib import Path

import pytest

from decouple.datasets.image_paths import expand_image_paths
from decouple.datasets.skipped import skipped_lines
from decouple.errors import DataError


def _touch(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def _names(root: Path, *arguments: str) -> list[str]:
    paths = expand_image_paths([str(root / argument) for argument in arguments]).paths
    return [os.path.relpath(path, root) for path in paths]


def test_folders_are_read_at_any_depth_and_files_in_the_order_of_the_arguments(tmp_path: Path) -> None:
    _touch(tmp_path, "shots/b.JPG", "shots/a/deep/1.png", "shots/.hidden/x.png", "z.png", "odd.bin")
    assert _names(tmp_path, "z.png", "odd.bin", "shots") == ["z.png", "odd.bin", "shots/a/deep/1.png", "shots/b.JPG"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.png", ["z.png"]),
        ("*/*.png", ["s/y.png"]),
        ("**/*.png", ["s/t/x.png", "s/y.png", "z.png"]),
        ("s/**", ["s/t/x.png", "s/y.png"]),
        ("**/t/*", ["s/t/x.png"]),
        ("[sz]*", ["s/t/x.png", "s/y.png", "z.png"]),  # a folder that matches is read
    ],
)
def test_patterns(tmp_path: Path, pattern: str, expected: list[str]) -> None:
    _touch(tmp_path, "s/y.png", "s/t/x.png", "z.png", "notes.txt", ".h.png")
    assert _names(tmp_path, pattern) == expected


def test_a_pattern_may_start_with_two_asterisks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _touch(tmp_path, "s/y.png")
    monkeypatch.chdir(tmp_path)
    assert [os.path.normpath(path) for path in expand_image_paths(["**/*.png"]).paths] == ["s/y.png"]


def test_a_file_whose_name_looks_like_a_pattern(tmp_path: Path) -> None:
    _touch(tmp_path, "moth[1].jpg", "moth1.jpg")
    assert _names(tmp_path, "moth[1].jpg") == ["moth[1].jpg"]


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    _touch(tmp_path, "a/1.png")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    listing = expand_image_paths([str(tmp_path / "a"), str(tmp_path / "a/../a/1.png"), str(tmp_path / "link")])
    assert listing.paths == (str(tmp_path / "a/1.png"),)
    assert [(kind.reason, kind.count) for kind in listing.skipped] == [("named twice", 2)]


def test_what_is_not_read_is_counted_and_named(tmp_path: Path) -> None:
    _touch(tmp_path, "1.png", "n1.txt", "n2.txt", "raw.NEF", "README", ".DS_Store")
    assert skipped_lines(expand_image_paths([str(tmp_path)]).skipped) == [
        f"not read: 1 file ending in .nef ({tmp_path}/raw.NEF); export them as JPEG or TIFF",
        f"not read: 1 hidden file ({tmp_path}/.DS_Store), 1 file without an ending ({tmp_path}/README), "
        f"2 files ending in .txt ({tmp_path}/n1.txt, {tmp_path}/n2.txt)",
    ]


def test_links_that_loop_end(tmp_path: Path) -> None:
    _touch(tmp_path, "a/1.png", "b/2.png")
    for name, target in (("a/up", "."), ("a/b", "b"), ("b/a", "a"), ("b/up", ".")):
        (tmp_path / name).symlink_to(tmp_path / target)
    (tmp_path / "a/self").symlink_to(tmp_path / "a/self")
    listing = expand_image_paths([str(tmp_path)])
    assert listing.paths == (str(tmp_path / "a/1.png"), str(tmp_path / "b/2.png"))
    assert [(kind.noun, kind.count) for kind in listing.skipped] == [("file", 1), ("link", 4)]
    assert _names(tmp_path, "**/*.png") == _names(tmp_path, ".")


def test_an_empty_folder_holds_no_image(tmp_path: Path) -> None:
    assert expand_image_paths([str(tmp_path)]).paths == ()


@pytest.mark.parametrize(("name", "match"), [("gone", "there is no file or folder"), ("*.png", "no file matches")])
def test_nothing_there(tmp_path: Path, name: str, match: str) -> None:
    with pytest.raises(DataError, match=match):
        expand_image_paths([str(tmp_path / name)])
