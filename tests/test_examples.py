"""Every example in a docstring runs and prints what it says; every loss, sampler, method and metric has one."""

import ast
import doctest
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from decouple.class_counts import _PROFILES, _SCHEMES, class_groups, longtail_counts
from decouple.evaluation import calibration, metrics, ranking, recall, statistics
from samplers.probabilities import FORMULAS
from stage1.losses import LOSSES
from stage1.mixup import BATCH_AUGMENTATIONS
from stage2.methods import METHODS

ROOT = Path(__file__).parent.parent
PACKAGES = ("decouple", "samplers", "stage1", "stage2", "tuning")
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
Documented = ast.Module | ast.ClassDef | ast.FunctionDef


def examples() -> Iterator[tuple[str, str]]:
    """Yield (module, name within it or "") for each docstring with an example; private names have them too."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            if ">>> " in text:
                module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
                yield from ((module, name) for name in documented(ast.parse(text)))


def documented(owner: Documented, prefix: str = "") -> Iterator[str]:
    """Yield the dotted name of each docstring with an example, in `owner` and below."""
    if ">>> " in (ast.get_docstring(owner) or ""):
        yield prefix
    for node in owner.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield from documented(node, f"{prefix}.{node.name}" if prefix else node.name)


@pytest.mark.parametrize(("module", "name"), list(examples()), ids=lambda value: value or "module")
def test_an_example_prints_what_it_says(
    module: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    loaded = importlib.import_module(module)
    owner: object = loaded
    for part in filter(None, name.split(".")):
        owner = getattr(owner, part)
    torch.manual_seed(0)
    text = owner.__doc__ or ""
    test = doctest.DocTestParser().get_doctest(
        text, {"np": np, "torch": torch, **vars(loaded)}, f"{module}.{name}", loaded.__file__, 0
    )
    assert test.examples
    report: list[str] = []
    failed, _ = doctest.DocTestRunner(optionflags=FLAGS).run(test, out=report.append)
    assert not failed, "".join(report)


@pytest.mark.parametrize(
    ("kind", "name", "entry"),
    [
        (kind, name, entry)
        for kind, table in (
            ("loss", LOSSES),
            ("sampler", FORMULAS),
            ("mix", BATCH_AUGMENTATIONS),
            ("method", METHODS),
        )
        for name, entry in table.items()
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_entry_of_a_table_has_an_example(kind: str, name: str, entry: object) -> None:
    assert ">>> " in (entry.__doc__ or ""), f"the docstring of {kind} {name} has no `Example:`"


def test_profiles_and_class_groups_have_examples() -> None:
    assert all(f'>>> longtail_counts("{name}"' in (longtail_counts.__doc__ or "") for name in _PROFILES)
    assert all(f'"{name}")' in (class_groups.__doc__ or "") for name in _SCHEMES)


@pytest.mark.parametrize(
    "module", [calibration, metrics, ranking, recall, statistics], ids=lambda module: module.__name__
)
def test_public_metrics_have_examples(module: ModuleType) -> None:
    functions = inspect.getmembers(module, inspect.isfunction)
    own = {name: function for name, function in functions if function.__module__ == module.__name__ and name[0] != "_"}
    assert own
    assert not [name for name, function in own.items() if ">>> " not in (function.__doc__ or "")]
