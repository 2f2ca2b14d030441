"""Every option of every command is given to the program by some test, on the command line or as a Python keyword."""

import ast
import dataclasses
import functools
import importlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from decouple.command_table import COMMANDS
from decouple.config.call_options import call_option_names
from decouple.config.fields import flag_of, positional_fields

TESTS = Path(__file__).parent
PYTHON = {"tune": ("tune weight-decay", "tune tau", "tune joint", "tune stage2")}  # function -> its commands
UNFINISHED = ("figure",)  # commands some of whose options no test gives to the program yet
Meanings = dict[str, list[Any]]  # name -> expressions
MAX_DEPTH = 4  # names that stand for names of words


def options_of(command: str) -> set[str]:
    """Return the flags of a command, but those whose value may be written as a word."""
    module, name = COMMANDS[command].settings.split(":")
    settings = getattr(importlib.import_module(module), name)
    names = {field.name for field in dataclasses.fields(settings)} - {f.name for f in positional_fields(settings)}
    return {flag_of(name) for name in (*names, *call_option_names(settings, COMMANDS[command].call_options))}


@functools.cache
def used_options() -> dict[str, set[str]]:
    """Return for each command the flags that calls of the program in the tests contain."""
    used: dict[str, set[str]] = defaultdict(set)
    for path in TESTS.rglob("*.py"):
        if path == Path(__file__):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        shared = _meanings([node for node in tree.body if node not in functions])
        shared |= {node.name: [part.value for part in ast.walk(node) if _returns(part)] for node in functions}
        for node in tree.body:
            meanings = {**shared, **_meanings([node])} if node in functions else shared
            for part in ast.walk(node):
                for command, flags in (*_on_the_command_line(part, meanings), *_in_python(part)):
                    used[command] |= flags
    return used


def _meanings(nodes: Sequence[ast.AST]) -> Meanings:
    """Return the expressions that a name may stand for: what is assigned to it, looped over, or parametrized."""
    meanings: Meanings = defaultdict(list)
    for node in (part for root in nodes for part in ast.walk(root)):
        targets: list[ast.expr] = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign | ast.AugAssign | ast.For | ast.comprehension):
            targets = [node.target]
        value = node.iter if isinstance(node, ast.For | ast.comprehension) else getattr(node, "value", None)
        for name in (part for target in targets for part in ast.walk(target)):
            if isinstance(name, ast.Name) and value is not None:
                meanings[name.id].append(value)
        if isinstance(node, ast.FunctionDef):
            for argument in node.args.args:
                meanings[argument.arg] += [mark for mark in node.decorator_list if _names(mark, argument.arg)]
    return meanings


def _names(mark: ast.expr, argument: str) -> bool:
    """Return whether a decorator is a parametrization of that argument."""
    names = mark.args[0] if isinstance(mark, ast.Call) and mark.args else None
    texts = {part.value for part in ast.walk(names) if isinstance(part, ast.Constant)} if names is not None else set()
    return argument in {name.strip() for text in texts if isinstance(text, str) for name in text.split(",")}


def _returns(node: ast.AST) -> bool:
    return isinstance(node, ast.Return) and node.value is not None


def _on_the_command_line(node: ast.AST, meanings: Meanings) -> Iterator[tuple[str, set[str]]]:
    """Yield the commands and the flags of a call, a list or a tuple that begins with the words of a command.

    Where it begins with a name that stands for several lists, what follows the name belongs to the command of each.
    """
    elements = node.args if isinstance(node, ast.Call) else getattr(node, "elts", [])
    if len(elements) > 1 and isinstance(elements[0], ast.Constant) and elements[0].value == "decouple":
        elements = elements[1:]
    if not elements or not isinstance(elements[0], ast.Constant | ast.Starred):
        return
    begins_with_name = isinstance(elements[0], ast.Starred)
    first = set(_texts(elements[0], meanings, MAX_DEPTH))
    words = {text for element in elements[begins_with_name:] for text in _texts(element, meanings, MAX_DEPTH)}
    flags = {word.split("=")[0] for word in words if word.startswith("--")}
    for name in COMMANDS:
        command, *target = name.split()
        if command in first and set(target) <= words | first:
            yield name, flags


def _texts(node: ast.AST, meanings: Meanings, depth: int) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield from part.value.split() if part.value.startswith("--") else [part.value]
        elif isinstance(part, ast.Name) and depth:
            for meaning in meanings.get(part.id, []):
                yield from _texts(meaning, meanings, depth - 1)


def _in_python(node: ast.AST) -> Iterator[tuple[str, set[str]]]:
    """Yield the command and the keywords of a call such as `decouple.fit(...)` or `run.predict(...)`."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        flags = {flag_of(keyword.arg) for keyword in node.keywords if keyword.arg}
        for command in PYTHON.get(node.func.attr, (node.func.attr,)):
            if command in COMMANDS:
                yield command, flags


@pytest.mark.parametrize("command", [command for command in COMMANDS if command not in UNFINISHED])
def test_every_option_is_given_to_the_program_by_a_test(command: str) -> None:
    missing = options_of(command) - used_options()[command]
    assert not missing, f"no end-to-end test gives {', '.join(sorted(missing))} to decouple {command}"
