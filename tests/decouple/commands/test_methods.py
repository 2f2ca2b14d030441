import re
from collections.abc import Callable
from typing import Any

import pytest

from decouple.docstrings import docstring_parts
from stage2.catalogue import CATEGORIES, defaults_of, meaning_of
from stage2.settings import Stage2Config

Run = Callable[..., Any]
ENTRIES = [(name, entry) for category in CATEGORIES.values() for name, entry in category.entries.items()]


def test_the_catalogue_lists_everything(decouple: Run) -> None:
    answer = decouple("methods")
    assert answer.code == 0
    first = [line.split("  ")[0] for line in answer.out.splitlines()]
    for name, _ in ENTRIES:
        assert first.count(name) == 1
    assert "gamma=2" in answer.out
    assert "arXiv:1906.07413" in answer.out


@pytest.mark.parametrize(("name", "entry"), ENTRIES, ids=[name for name, _ in ENTRIES])
def test_every_docstring_has_all_parts(name: str, entry: Any) -> None:
    said = docstring_parts(entry)
    assert said.summary.endswith(".")
    assert len(said.summary) <= 160
    assert re.search(r"\b(19|20)\d\d\b|^plain training", said.source), "a year, or plain training"
    assert said.use.endswith(".")
    for option in defaults_of(entry):
        assert meaning_of(entry, option)


def test_one_method_is_told_in_full(decouple: Run) -> None:
    answer = decouple("methods", "--name", "ldam")
    assert answer.code == 0
    for part in ("max_margin (0.5): the margin of the rarest class", "Source: Cao et al.", "Use: with deferred"):
        assert part in answer.out


def test_an_option_of_stage_two_is_explained_as_in_its_help(decouple: Run) -> None:
    help_text = Stage2Config.__dataclass_fields__["keep_bias"].metadata["help"]
    assert f"keep_bias (false): {help_text}" in decouple("methods", "--name", "tau").out


def test_an_unknown_name_is_told_the_nearest(decouple: Run) -> None:
    answer = decouple("methods", "--name", "ldma")
    assert answer.code == 2
    assert "unknown method 'ldma'. Did you mean 'ldam'?" in answer.err
