"""The lists of names in README.md, CHANGELOG.md and the help texts agree with the tables; losses: see test_docs.py."""

import re
from dataclasses import fields
from pathlib import Path

from decouple.datasets.settings import ARRAYS, BENCHMARKS, FILES, DataConfig
from decouple.datasets.table import DATASETS
from samplers import SAMPLERS
from samplers.formulas import FORMULAS
from stage2.methods import ALL_METHODS, METHODS

ROOT = Path(__file__).parent.parent
README, CHANGELOG = ((ROOT / page).read_text(encoding="utf-8") for page in ("README.md", "CHANGELOG.md"))


def names_between(text: str, start: str, end: str) -> list[str]:
    """Return the words in backquotes from `start` to `end`."""
    (passage,) = re.findall(f"{start}(.*?){end}", text, re.DOTALL)
    return re.findall(r"`(\w+)`", passage)


def test_readme_lists_the_data_sets() -> None:
    assert names_between(README, "`--data` takes ", r"\. ") == list(DATASETS)


def test_the_help_lists_the_data_sets() -> None:
    (option,) = [field for field in fields(DataConfig) if field.name == "data"]
    assert option.metadata["help"] == f"data set: {', '.join(DATASETS)}"
    assert tuple(DATASETS) == (*BENCHMARKS, *FILES, ARRAYS)


def test_changelog_lists_the_methods_of_stage_two() -> None:
    assert set(names_between(CHANGELOG, "- Stage two on cached features: ", "stage one unchanged")) == set(METHODS) - {
        "none"
    }


def test_readme_compares_every_method_with_stage_one() -> None:
    rows = re.findall(r"^\| (\w[\w ]*?) +\|(?! *-)", README, re.MULTILINE)
    assert set(ALL_METHODS) - {"none"} <= set(rows)


def test_every_formula_is_a_sampler() -> None:
    assert list(SAMPLERS) == list(FORMULAS)
