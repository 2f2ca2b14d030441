"""The published values that the project holds: their columns are whole, and notes on doubts fit some of them."""

from pathlib import Path

from docs.published_coverage import LIST, PAGE, coverage, render_list, render_page
from tuning.sweep.published_file import COLUMNS, fits_pattern, read_published
from tuning.sweep.unmatched import read_unmatched_file

CONFIGS = Path(__file__).resolve().parents[1] / "configs"


def test_every_value_is_a_number_of_a_known_unit() -> None:
    rows = read_published(CONFIGS / "published.csv")
    assert len(rows) == 2151
    assert all(row.value is not None for row in rows)
    assert {row.unit for row in rows} == {"percent", "raw"}
    assert all(row[name] for row in rows for name in COLUMNS if name not in ("std", "note"))


def test_every_doubt_fits_values() -> None:
    rows = read_published(CONFIGS / "published.csv")
    for doubt in read_unmatched_file(CONFIGS / "published-doubts.yaml"):
        assert any(fits_pattern(row, doubt.rows) for row in rows), doubt.where


def test_the_page_of_compared_values_is_that_of_the_files() -> None:
    rows = coverage()
    assert PAGE.read_text(encoding="utf-8") == render_page(rows), "the files have changed: run make coverage"
    assert LIST.read_text(encoding="utf-8") == render_list(rows)
