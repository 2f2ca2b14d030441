import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from decouple.errors import ConfigError
from decouple.reporting.figure_files import figure_svg, remove_run_figure, save_figure, save_run_figure
from decouple.reporting.palette import INK, METHOD_COLOURS
from decouple.reporting.style import new_figure, styled

STARTS = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}


@styled
def _figure(name: str = "name") -> Figure:
    figure = new_figure("title <b>", 'run "r"', width=3, height=2)
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], "o", color=METHOD_COLOURS[0])
    axes.set_xlabel(name)
    return figure


@pytest.mark.parametrize("ending", [".png", ".svg", ".pdf", ".PDF"])
def test_the_ending_is_the_format_and_the_bytes_repeat(ending: str, tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}{ending}" for name in "ab"]
    for path in paths:
        save_figure(_figure(), path)
    assert paths[0].read_bytes().startswith(STARTS[ending.lower()])
    assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.parametrize("name", ["a.jpg", "a", "a.svg.gz"])
def test_another_ending_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"figure must end in \.png, \.svg or \.pdf, got"):
        save_figure(_figure(), tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="figure must name a file in a folder that exists"):
        save_figure(_figure(), tmp_path / "missing" / "a.png")


def test_formats_do_not_depend_on_each_other(tmp_path: Path) -> None:
    save_run_figure(_figure(), tmp_path / "new" / "both.png", svg=True)
    save_figure(_figure(), tmp_path / "alone.svg")
    assert (tmp_path / "new" / "both.svg").read_bytes() == (tmp_path / "alone.svg").read_bytes()
    remove_run_figure(tmp_path / "new" / "both.png")
    remove_run_figure(tmp_path / "new" / "both.png")
    assert not list((tmp_path / "new").iterdir())


def test_an_svg_of_an_earlier_state_is_removed(tmp_path: Path) -> None:
    save_run_figure(_figure(), tmp_path / "a.png", svg=True)
    save_run_figure(_figure(), tmp_path / "a.png")
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_an_svg_file_has_its_title_and_plain_colours(tmp_path: Path) -> None:
    save_figure(_figure(), tmp_path / "a.svg")
    text = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert "<title>title &lt;b&gt;. run &quot;r&quot;</title>" in text
    assert METHOD_COLOURS[0] in text
    assert "var(" not in text
    ET.fromstring(text)


def test_inline_svg_is_one_element_with_an_alternative_text() -> None:
    svg = figure_svg(_figure("<script>alert(1)</script>"))
    root = ET.fromstring(svg)
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == 'title <b>. run "r"'
    assert root[0].text == 'title <b>. run "r"'
    assert "<script>" not in svg
    assert "<style" not in svg
    assert "<!--" not in svg
    assert figure_svg(_figure(), label="other").count("other") == 2


def test_inline_svg_takes_the_colours_of_the_page() -> None:
    svg = figure_svg(_figure())
    assert INK not in svg
    assert "fill: currentColor" in svg
    assert f"var(--figure-method-1, {METHOD_COLOURS[0]})" in svg
    assert "fill: #ffffff" not in svg  # the background is transparent
    assert f"fill: {INK}" in figure_svg(_figure(f'style="fill: {INK}"'))  # text stays as it is


def test_a_figure_can_be_saved_after_it_was_put_on_a_page(tmp_path: Path) -> None:
    figure = _figure()
    svg = figure_svg(figure)
    save_figure(figure, tmp_path / "first.pdf")
    save_figure(figure, tmp_path / "after.png")
    save_figure(_figure(), tmp_path / "alone.png")
    assert (tmp_path / "after.png").read_bytes() == (tmp_path / "alone.png").read_bytes()
    assert figure_svg(figure) == svg


def test_ids_of_several_figures_on_a_page_do_not_clash() -> None:
    one, two = figure_svg(_figure()), figure_svg(_figure("other"))
    ids = [re.findall(r' id="([^"]+)"', svg) for svg in (one, two)]
    assert ids[0]
    assert not set(ids[0]) & set(ids[1])
    assert set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', one)) <= {(name, "") for name in ids[0]} | {
        ("", name) for name in ids[0]
    }
