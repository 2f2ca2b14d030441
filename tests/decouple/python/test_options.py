"""The typed options are those of the commands: the files are as docs/generate_options.py writes them."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]


def _generator() -> Any:
    spec = importlib.util.spec_from_file_location("generate_options", ROOT / "docs" / "generate_options.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.filterwarnings("ignore")
def test_the_files_are_up_to_date() -> None:
    files = _generator().render()
    assert set((ROOT / "decouple" / "python" / "options").glob("*.py")) == {
        *files,
        ROOT / "decouple/python/options/__init__.py",
    }
    assert all(path.read_text(encoding="utf-8") == content for path, content in files.items()), "run `make methods`"
