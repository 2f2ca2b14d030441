"""Sections `Example:` of docstrings as code on the site; griffe knows only the plural and reads the other as prose."""

import re
from typing import Any

import griffe


class ExampleSections(griffe.Extension):
    """An extension of griffe that renames the section before docstrings are parsed."""

    def on_instance(self, *, obj: Any, **_: Any) -> None:
        """Rename the section in the docstring of one module, class, function or attribute."""
        if obj.docstring:
            obj.docstring.value = re.sub(r"^Example:$", "Examples:", obj.docstring.value, flags=re.MULTILINE)
