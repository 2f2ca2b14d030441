"""The page on several runs: its table, the tests against the best classifier, and runs on different data."""

import json
from pathlib import Path

import numpy as np
import pytest

from decouple.cli import main
from decouple.evaluation.comparison import Candidate
from decouple.files.run_dir import RunDir
from decouple.pages.runs_index import AgainstBest, build_index, compare_with_best
from tests.decouple.pages.browser import Browser
from tests.decouple.pages.page_checks import CONTRAST, OVERFLOW

FAST = ["--map-images", "0", "--no-figure-files", "--no-images"]


def test_the_best_is_compared_with_each_of_the_others() -> None:
    labels = np.repeat([0, 1], 20)
    correct = {"good": np.arange(40) % 10 > 0, "bad": np.arange(40) % 10 > 8, "close": np.arange(40) % 10 > 0}
    correct["close"][11] = False
    candidates = [Candidate(name, (0,), (hits,), ({"balanced": 100 * hits.mean()},)) for name, hits in correct.items()]
    best, tests = compare_with_best(candidates, labels)
    assert best == "good"
    assert set(tests) == {"bad", "close"}
    (bad,), (close,) = tests["bad"], tests["close"]
    assert (bad["only_a"], bad["only_b"]) == (0, 32)  # 36 and 4 of 40 correct
    assert bad["balanced"] == pytest.approx(-80)
    assert bad["p_holm"] == pytest.approx(2 * 2 * 0.5**32)  # two tests, the smallest p doubled
    assert close["p_holm"] == 1


@pytest.mark.parametrize(
    ("low", "high", "p", "different"), [(-9, -1, 0.01, True), (-9, 1, 0.01, False), (-9, -1, 0.2, False)]
)
def test_a_difference_needs_the_interval_and_the_test(low: float, high: float, p: float, different: bool) -> None:
    assert AgainstBest(-4.0, low, high, p).different is different


@pytest.mark.usefixtures("without_figures")
def test_several_runs_have_a_page_each_and_an_index(
    report_runs: Path, tmp_path: Path, browser: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["report", "a", "b", "--runs", str(report_runs), "--out", str(out), "--json", *FAST]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["path"] == str(out / "index.html")
    assert {path.name for path in out.iterdir()} == {"index.html", "a.html", "b.html"}
    for width in (1280, 390):
        browser.open(out / "index.html", width=width)
        assert browser.errors == []
        assert browser.value("document.documentElement.scrollWidth") <= width
        assert browser.value(OVERFLOW) == []
        assert browser.value(CONTRAST) == []
    rows = "[...document.querySelectorAll('#classifiers tbody tr')]"
    assert set(browser.value(f"{rows}.map((row) => row.cells[0].innerText)")) == {
        "a/none", "a/tau", "a/ncm", "b/none", "b/tau", "b/ncm"
    }  # fmt: skip
    browser.value("document.querySelectorAll('#classifiers thead button')[3].click()")
    balanced = [float(text) for text in browser.value(f"{rows}.map((row) => row.cells[3].innerText.split('\\n')[0])")]
    assert balanced == sorted(balanced, reverse=True)
    assert browser.value(f"{rows}[0].innerText.includes('best')")
    stored = json.loads((report_runs / "a" / "results.json").read_text())
    assert round(stored["stage1"]["last"]["metrics"]["test"]["balanced"], 2) in balanced
    browser.open(out / browser.value("document.querySelector('#runs a').getAttribute('href')"))
    assert browser.value("document.querySelector('header a').getAttribute('href')") == "index.html"


def test_runs_on_different_images_stand_side_by_side_without_tests(reported: Path) -> None:
    path = reported / "b" / "data.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"fingerprint": "other"}))
    page = build_index([RunDir(reported / name) for name in ("a", "b")], [], "last")
    assert (page.best, page.images, page.figure) == ("", 0, "")
    assert "cannot be compared" in page.note
    assert [row.name for row in page.rows][:2] == ["a/stage one", "a/tau"]
    assert all(row.against_best is None for row in page.rows)


def test_several_runs_need_a_folder(report_runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["report", "a", "b", "--runs", str(report_runs), "--out", str(tmp_path / "page.html")])
    assert code == 2
    assert "must name a folder for the pages of 2 runs" in capsys.readouterr().err
