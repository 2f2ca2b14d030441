"""Every example in a docstring runs and prints what it says."""

import ast
import doctest
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

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
    test = doctest.DocTestParser().get_doctest(text, dict(vars(loaded)), f"{module}.{name}", loaded.__file__, 0)
    assert test.examples
    report: list[str] = []
    failed, _ = doctest.DocTestRunner(optionflags=FLAGS).run(test, out=report.append)
    assert not failed, "".join(report)
