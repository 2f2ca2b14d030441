"""Pages on runs that lack something: stage two, or their images; and the figures beside a page."""

import json
from pathlib import Path

import pytest

from decouple.cli import main
from decouple.pages.page_figures import CAPTIONS
from decouple.pages.render import RUN_SECTIONS
from tests.decouple.pages.browser import Browser


@pytest.mark.usefixtures("without_figures")
def test_stage_one_alone_has_a_page(reported: Path, tmp_path: Path, browser: Browser) -> None:
    path, page = reported / "a" / "results.json", tmp_path / "page.html"
    path.write_text(json.dumps({"stage1": json.loads(path.read_text())["stage1"]}))
    assert main(["report", str(reported / "a"), "--out", str(page), "--no-figure-files"]) == 0
    browser.open(page)
    assert browser.errors == []
    assert browser.value("document.getElementById('live').dataset.state") == "ready"
    headings = browser.value("[...document.querySelectorAll('#classes thead th')].map((cell) => cell.textContent)")
    assert headings == ["class", "group", "train", "test", "stage one", "0 to 100 %"]
    assert browser.value("document.querySelector('[data-control=classifier]')") is None


@pytest.mark.usefixtures("without_figures")
def test_images_that_are_not_wanted_leave_the_rest(reported: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert main(["report", str(reported / "a"), "--out", str(page), "--no-figure-files", "--no-images"]) == 0
    html = page.read_text()
    assert "No pictures were asked for." in html
    assert "data:image/webp" not in html
    assert "test image " in html  # the place of a path


def test_figures_lie_beside_the_page_in_both_formats(reported: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert main(["report", str(reported / "a"), "--out", str(page), "--no-images", "--map-images", "0"]) == 0
    names = {path.name for path in (tmp_path / "page_figures").iterdir()}
    for name in ("methods", "reliability", "class_distribution", "tau_curve"):
        assert {f"{name}.png", f"{name}.svg"} <= names
        assert f'id="figure-{name}"' in page.read_text()


def test_every_figure_has_a_section() -> None:
    assert {section for section, _ in CAPTIONS.values()} <= set(RUN_SECTIONS)
