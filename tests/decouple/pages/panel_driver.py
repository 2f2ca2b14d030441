"""Moves the controls of the live panel of an open page, and reads what it shows."""

from decouple.pages.live_panel import PanelOutcome, PanelPosition
from tests.decouple.pages.browser import Browser


def move(browser: Browser, position: PanelPosition, classifier: int = 0) -> None:
    """Set the controls and wait until the panel has computed."""
    values = {"tau": position.tau, "prior": 1 - position.prior, "threshold": position.threshold}
    if browser.value("document.querySelector('[data-control=classifier]') !== null"):
        values["classifier"] = classifier
    for name, value in values.items():
        browser.value(f"document.querySelector('[data-control={name}]').value = {value}")
    browser.value(f"document.querySelector('[data-control=follow]').checked = {str(position.follow).lower()}")
    state = browser.value(
        "new Promise((done) => { const panel = document.getElementById('live');"
        "panel.querySelector('[data-control=tau]').dispatchEvent(new Event('input', {bubbles: true}));"
        "requestAnimationFrame(() => requestAnimationFrame(() => done(panel.dataset.state))); })"
    )
    assert state == "ready"


def shown_values(browser: Browser) -> dict[str, float]:
    """Return the numbers in the column "now", unrounded."""
    values: dict[str, float] = browser.value(
        "Object.fromEntries([...document.querySelectorAll('[data-metric]')].map("
        "(row) => [row.dataset.metric, Number(row.querySelector('.now').dataset.value)]))"
    )
    return values


def expected_values(outcome: PanelOutcome) -> dict[str, float]:
    """Return the same numbers as Python computes them."""
    return {
        "deployed": outcome.deployed,
        "balanced": outcome.balanced,
        **outcome.groups,
        "answered": outcome.answered,
        "answeredAccuracy": outcome.answered_accuracy,
    }
