"""Write decouple/python/options/: the options of each command as a TypedDict, from its settings class.

`make methods` runs it. A test compares the files with the settings.
"""

import dataclasses
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # this checkout, whichever one is installed

from decouple.python.tables import FUNCTIONS, OptionTable

PYTHON_TYPES = {"prior": "str | Mapping[str, float] | None"}  # wider than on the command line, see `settings_of`
FOLDER = Path(__file__).resolve().parents[1] / "decouple" / "python" / "options"


def render() -> dict[Path, str]:
    """Return the content of each file, formatted."""
    functions = dict.fromkeys(table.function for table in FUNCTIONS)
    return {FOLDER / f"{function}.py": _formatted(_module(function)) for function in functions}


def _module(function: str) -> str:
    tables = [table for table in FUNCTIONS if table.function == function]
    text = "".join(_typed_dict(table) for table in tables)
    names = [name for name in ("Literal", "TypedDict") if name in text]
    return f'"""The options of `decouple.{function}`; docs/generate_options.py writes this file."""\n\n' + (
        ("from collections.abc import Mapping\n" if "Mapping[" in text else "")
        + f"from typing import {', '.join(names)}\n{text}"
    )


def _formatted(text: str) -> str:
    command = [str(Path(sys.executable).parent / "ruff"), "format", "--stdin-filename", str(FOLDER / "any.py"), "-"]
    formatted: str = subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout
    return formatted


def _typed_dict(table: OptionTable) -> str:
    hints = get_type_hints(table.settings)
    lines = [f"\n\nclass {table.name}(TypedDict, total=False):", f'    """Options of `decouple.{table.function}`."""\n']
    for field in dataclasses.fields(table.settings):
        if field.name not in table.own:
            lines.append(f"    {field.name}: {PYTHON_TYPES.get(field.name) or type_text(hints[field.name])}")
            lines += _comment(str(field.metadata["help"]))
    return "\n".join(lines) + "\n"


def _comment(text: str) -> list[str]:
    """Return the help text as the docstring of an attribute, which editors show."""
    text = re.sub(r"--([a-z][\w-]*)", lambda flag: f"`{flag[1].replace('-', '_')}`", text)
    lines = textwrap.wrap(text.replace("\\", "\\\\"), 110)
    return (
        [f'    """{lines[0]}', *(f"    {line}" for line in lines[1:-1]), f'    {lines[-1]}"""']
        if lines[1:]
        else [f'    """{lines[0]}"""']
    )


def type_text(hint: Any) -> str:
    """Return a type as it is written in source code."""
    if get_origin(hint) in (Union, UnionType):
        return " | ".join(type_text(part) for part in get_args(hint))
    if hint is type(None):
        return "None"
    return str(hint.__name__) if isinstance(hint, type) and not get_args(hint) else str(hint).replace("typing.", "")


if __name__ == "__main__":
    for path, content in render().items():
        path.write_text(content, encoding="utf-8")
