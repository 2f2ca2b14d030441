"""The page of a run in a headless Chromium: sorting, sliders, contrast, widths. Skipped where there is none."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from decouple.cli import main
from decouple.files.run_dir import RunDir
from decouple.pages.live_panel import PanelPosition, exact_outcome
from decouple.pages.run_source import RunSource, open_run_source
from tests.decouple.pages.browser import Browser
from tests.decouple.pages.page_checks import CONTRAST, OVERFLOW
from tests.decouple.pages.panel_driver import expected_values, move, shown_values


@pytest.fixture(scope="module")
def page(report_runs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "a.html"
    assert (
        main(["report", "a", "--runs", str(report_runs), "--method", "tau", "--out", str(path), "--map-images", "60"])
        == 0
    )
    return path


@pytest.fixture(scope="module")
def source(report_runs: Path) -> RunSource:
    return open_run_source(RunDir(report_runs / "a"), method="tau")


def column(browser: Browser, section: str, number: int) -> list[str]:
    rows = f"document.querySelectorAll('#{section} tbody tr')"
    texts: list[str] = browser.value(f"[...{rows}].map((row) => row.cells[{number}].innerText.trim())")
    return texts


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_a_page_opens_without_errors_in_both_schemes(browser: Browser, page: Path, width: int, dark: bool) -> None:
    browser.open(page, width=width, dark=dark)
    assert browser.value("document.getElementById('live').dataset.state") == "ready"
    assert browser.errors == []
    assert browser.value("document.documentElement.scrollWidth") <= width
    assert browser.value(OVERFLOW) == []
    assert browser.value(CONTRAST) == []
    assert browser.value("[...document.images].filter((image) => !image.alt).length") == 0
    assert browser.value("[...document.querySelectorAll('svg')].filter((svg) => !svg.ariaLabel).length") == 0


def test_a_click_sorts_the_classes_and_typing_filters_them(browser: Browser, page: Path) -> None:
    browser.open(page)
    heading = "document.querySelectorAll('#classes thead th')[2]"
    images = [int(text) for text in column(browser, "classes", 2)]
    assert images == sorted(images, reverse=True)
    browser.value(f"{heading}.querySelector('button').click()")
    assert browser.value(f"{heading}.ariaSort") == "descending"
    browser.value(f"{heading}.querySelector('button').click()")
    assert browser.value(f"{heading}.ariaSort") == "ascending"
    assert [int(text) for text in column(browser, "classes", 2)] == sorted(images)
    browser.value(
        "(input => { input.value = '7'; input.dispatchEvent(new Event('input')); })"
        "(document.querySelector('#classes input'))"
    )
    assert all(
        "7" in row for row in browser.value("[...document.querySelectorAll('#classes tbody tr')].map(r => r.innerText)")
    )
    assert "7" in column(browser, "classes", 0)


POSITIONS: list[dict[str, Any]] = [
    {}, {"tau": 0.75}, {"tau": 2.0, "prior": -1.0, "threshold": 0.3}, {"prior": 0.0, "follow": True, "threshold": 0.45},
    {"prior": -0.7, "follow": True},
]  # fmt: skip


@pytest.mark.parametrize("settings", POSITIONS)
@pytest.mark.parametrize("classifier", [0, 1])
def test_the_sliders_show_what_python_computes(
    browser: Browser, page: Path, source: RunSource, classifier: int, settings: dict[str, Any]
) -> None:
    position = PanelPosition(**settings)
    browser.open(page)
    move(browser, position, classifier)
    entry = source.classifiers[classifier]
    log_probs = entry.calibrated.log_probabilities(source.test.features)
    groups = source.record.groups
    exact = exact_outcome(
        log_probs, source.test.labels.numpy(), source.shares, entry.calibrated.assumed_prior, groups, position
    )
    expected = expected_values(exact)
    assert shown_values(browser) == pytest.approx(expected, abs=0.1)
    for name, value in expected.items():
        text = browser.value(f"document.querySelector('[data-metric={name}] .now').innerText")
        assert abs(float(text) - value) <= 0.1, name
    first, second = browser.value(
        "['first', 'second'].map((n) => Number(document.querySelector(`[data-control=${n}]`).value))"
    )
    mask = (source.test.labels.numpy() == first) & (exact.confidence >= position.threshold)
    shown = browser.value("[0, 1].map((k) => Number(document.querySelector(`[data-pair='0,${k}']`).dataset.value))")
    assert shown == [int(np.sum(exact.predicted[mask] == label)) for label in (first, second)]
