"""The documents are correct: names, options, links, command lines, and the examples of docs/extending.md."""

import ast
import configparser
import importlib
import re
import runpy
import shlex
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from decouple.class_counts import _PROFILES, _SCHEMES
from decouple.command_table import COMMANDS
from decouple.config.call_options import call_option_names
from decouple.config.command_line import parse
from decouple.datasets.table import DATASETS
from samplers import SAMPLERS
from stage1.losses import LOSSES
from stage1.mixup import BATCH_AUGMENTATIONS
from stage2.methods import METHODS

ROOT = Path(__file__).parent.parent
PACKAGES = ("decouple", "samplers", "stage1", "stage2", "tuning")
OUTSIDE = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "benchmarks/README.md", "configs/README.md")
PAGES = [*(ROOT / name for name in OUTSIDE), *sorted((ROOT / "docs").glob("*.md"))]
TEXTS = {page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8") for page in PAGES}
GLOBAL_OPTIONS = {"--help", "--version", "--config"}


def blocks(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield (mark in the comment above or "", language, code) for each fenced block."""
    yield from re.findall(r"(?:<!-- run: (.*?) -->\n)?```(\w*)\n(.*?)```", text, re.DOTALL)


def settings_of(command: str) -> Any:
    module, name = COMMANDS[command].settings.split(":")
    return getattr(importlib.import_module(module), name)


def command_lines() -> list[tuple[str, str]]:
    """Return (page, command line) for each that starts with `decouple`, continued lines joined."""
    lines: list[tuple[str, str]] = []
    for page, text in TEXTS.items():
        for _, language, code in blocks(text):
            if language in ("console", "sh", "bash"):
                bare = (line.removeprefix("$ ").strip() for line in code.replace("\\\n", " ").splitlines())
                lines += [(page, line) for line in bare if line.startswith("decouple ")]
        lines += [(page, line) for line in re.findall(r"`(decouple [^`\n]+)`", text) if "..." not in line]
    return lines


def anchors(text: str) -> set[str]:
    """Return the link targets that GitHub makes of the headings."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(
    ("heading", "table"),
    [
        ("Data profiles", _PROFILES),
        ("Data sets", DATASETS),
        ("Class groups", _SCHEMES),
        ("Samplers", SAMPLERS),
        ("Losses", LOSSES),
        ("Batch augmentation", BATCH_AUGMENTATIONS),
        ("Stage two", METHODS),
    ],
)
def test_every_name_has_its_row_or_heading(heading: str, table: Mapping[str, object]) -> None:
    section = TEXTS["docs/methods.md"].split(f"\n## {heading}\n")[1].split("\n## ")[0]
    assert set(re.findall(r"^(?:\| |### )`(\w+)`", section, re.MULTILINE)) == set(table)


@pytest.mark.parametrize("name", ["docs/methods.md", "docs/modules.md"])
def test_generated_text_is_that_of_the_docstrings(name: str) -> None:
    render = runpy.run_path(str(ROOT / "docs" / "generate.py"))["render"]
    assert render(TEXTS[name]) == TEXTS[name], "run `make methods`"


def test_every_module_is_in_the_table_of_modules() -> None:
    sections = re.split(r"^### (.*)/$", TEXTS["docs/modules.md"], flags=re.MULTILINE)[1:]
    named = {
        f"{folder}/{name}"
        for folder, rows in zip(sections[::2], sections[1::2], strict=True)
        for name in re.findall(r"^\| `(\w+\.py)` \| \S", rows, re.MULTILINE)
    }
    code = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if path.name != "__init__.py")
    assert named == {path.relative_to(ROOT).as_posix() for path in code}


@pytest.mark.parametrize("page", ["README.md", "CHANGELOG.md"])
@pytest.mark.parametrize(("option", "table"), [("loss", LOSSES), ("sampler", SAMPLERS), ("mix", BATCH_AUGMENTATIONS)])
def test_lists_of_names_are_complete(page: str, option: str, table: Mapping[str, object]) -> None:
    (entry,) = re.findall(
        rf"^- (?:[A-Z][^`]*\()?`--{option}`(.*?)(?=^-|^$|;|\. )", TEXTS[page], re.MULTILINE | re.DOTALL
    )
    assert set(re.findall(r"`(\w+)`", entry)) == set(table)


def test_every_option_that_is_named_exists() -> None:
    known = set(GLOBAL_OPTIONS)
    for command in COMMANDS:
        settings = settings_of(command)
        names = [*settings.__dataclass_fields__, *call_option_names(settings, COMMANDS[command].call_options)]
        known |= {"--" + name.replace("_", "-") for name in names}
    named = set()
    for page, text in TEXTS.items():
        ours = re.sub(r"^(\$ )?\S*(git|pip|python|make|pytest)\b.*$", "", text, flags=re.MULTILINE)
        named |= {(page, word) for word in re.findall(r"(?<![\w-])--[a-z][\w-]*", ours)}
    assert len(named) > 50
    assert not {(page, word) for page, word in named if word not in known}


@pytest.mark.parametrize("page", TEXTS)
def test_every_link_leads_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", TEXTS[page], flags=re.DOTALL)):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        linked = ((ROOT / page).parent / path).resolve() if path else ROOT / page
        assert linked.exists(), f"{page}: {target}"
        if anchor:
            assert anchor in anchors(linked.read_text(encoding="utf-8")), f"{page}: {target}"


@pytest.mark.parametrize("page", TEXTS)
def test_every_file_of_code_that_is_named_exists(page: str) -> None:
    named = set(re.findall(r"`((?:decouple|samplers|stage1|stage2|tuning|tests)/[\w/]+\.py)`", TEXTS[page]))
    if page == "docs/extending.md":  # the files of its examples, and of their tests, are still to be written
        named -= set(re.findall(r"<!-- run: file (\S+) -->", TEXTS[page]))
        named -= set(re.findall(r"[Ii]ts test, (?:in\s)?`(\S+)`", TEXTS[page]))
    assert not {path for path in named if not (ROOT / path).is_file()}


def test_every_package_that_is_installed_is_explained() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    listed = "".join([setup["options"]["install_requires"], *setup["options.extras_require"].values()])
    names = re.findall(r"^([A-Za-z][\w-]*)", listed, re.MULTILINE)
    assert len(names) > 15
    explained = TEXTS["docs/dependencies.md"].split("## Not used")[0].lower()
    rows = re.findall(r"^\| ([\w, -]+) \|", explained, re.MULTILINE) + re.findall(
        r"^- \*\*([\w-]+)", explained, re.MULTILINE
    )
    assert not {name.lower() for name in names} - set(", ".join(rows).split(", "))


@pytest.mark.parametrize(("page", "line"), sorted(set(command_lines())))
def test_every_command_line_parses(page: str, line: str) -> None:
    arguments = [
        word for word in shlex.split(line, comments=True)[1:] if word not in ("&&", ";", "--help", "--version")
    ]
    if not arguments:
        return
    name = next(
        name for name in sorted(COMMANDS, key=len, reverse=True) if arguments[: len(name.split())] == name.split()
    )
    rest = arguments[len(name.split()) :]
    if "--config" in rest:
        position = rest.index("--config") + 1
        if rest[position] == "list":
            return
        if "." in rest[position] or rest[position].isupper():  # the reader's own
            del rest[position - 1 : position + 1]
    parse(settings_of(name), rest, f"decouple {name}", call_options=COMMANDS[name].call_options)


def as_module(path: str, code: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Run `code` as the file that it will become."""
    name = path.removesuffix(".py").replace("/", ".")
    module = types.ModuleType(name)
    monkeypatch.setitem(sys.modules, name, module)
    exec(compile(code, path, "exec"), vars(module))
    return {**vars(module), name.rsplit(".", 1)[1]: module}


def functions_in(code: str) -> list[Callable[[], None]]:
    names: dict[str, Any] = {}
    exec(compile(code, "a test of docs/extending.md", "exec"), names)
    return [value for name, value in names.items() if name.startswith("test_")]


@pytest.mark.parametrize("section", ["A loss", "A sampler", "A stage-two method", "A data set", "A logger"])
def test_an_example_of_extending_works(section: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = TEXTS["docs/extending.md"].split(f"\n## {section}\n")[1].split("\n## ")[0]
    names: dict[str, Any] = {}
    ran = []
    for mark, _, code in blocks(text):
        category, *rest = mark.split()
        if category == "file":
            names = as_module(rest[0], code, monkeypatch)
        elif category == "add":
            names = dict(vars(importlib.import_module(rest[0].removesuffix(".py").replace("/", "."))))
            exec(compile(code, rest[0], "exec"), names)
        elif category == "entry":
            table = getattr(importlib.import_module(rest[0]), rest[1])
            for key, value in eval(f"{{{code}}}", names).items():
                assert key not in table, "the example has become a part of the program; choose another"
                monkeypatch.setitem(table, key, value)
        elif category == "test":
            for test in functions_in(code):
                test()
                ran.append(test.__name__)
    assert len(ran) >= 1


def test_python_in_the_documents_is_python() -> None:
    for text in TEXTS.values():
        for mark, language, code in blocks(text):
            if language == "python" and not mark.startswith("entry"):
                ast.parse(code)
