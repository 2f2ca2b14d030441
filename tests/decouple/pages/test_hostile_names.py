"""Class and run names that try to run a script, break the page, or hide: they are text, and nothing else."""

import json
from pathlib import Path

from decouple.cli import main
from tests.decouple.pages.browser import Browser
from tests.decouple.pages.page_checks import OVERFLOW

NAMES = [
    "<script>window.hacked = 1</script>", "</script><img src=x onerror='window.hacked=1'>", "\" onmouseover=\"hacked()",
    "=cmd|' /C calc'!A0", "w" * 200, "\u202eevil\u202c \u05d0\u05d1", "{{ 7 * 7 }}", "a&amp;b\x00\x1b[31m",
    "'); hacked(); ('", "\u2028\u2029line",
]  # fmt: skip
RUN = "<b>run"


def test_hostile_names_run_no_script(reported: Path, tmp_path: Path, browser: Browser) -> None:
    (reported / "a").rename(reported / RUN)
    path = reported / RUN / "data.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"class_names": NAMES}))
    page = tmp_path / "page.html"
    words = ["--map-images", "0", "--no-figure-files", "--out", str(page)]
    assert main(["report", str(reported / RUN), *words]) == 0
    browser.open(page, width=390)
    assert browser.errors == []
    assert browser.value("window.hacked") is None
    assert browser.value("[...document.querySelectorAll('[onerror], [onmouseover], main b')].length") == 0
    assert browser.value("document.querySelector('h1').innerText") == RUN
    assert browser.value("document.documentElement.scrollWidth") <= 390
    assert browser.value(OVERFLOW) == []
    shown = browser.value("[...document.querySelectorAll('#classes tbody tr')].map((row) => row.cells[0].innerText)")
    assert NAMES[0] in "\n".join(shown)
    assert "=cmd|' /C calc'!A0" in "\n".join(shown)
    assert any("49" not in name and "7 * 7" in name for name in shown)
    assert browser.value("document.querySelector('[data-control=first]').options.length") == len(NAMES)
