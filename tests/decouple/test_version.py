"""The version is that of the installed package, and `decouple --version` prints it."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import decouple
from decouple.cli import main

ROOT = Path(__file__).parents[2]


def test_it_is_that_of_the_installed_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert decouple.__version__ == version("decouple-lt")
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"decouple {decouple.__version__}\n"


def test_other_names_of_the_package_do_not_exist() -> None:
    with pytest.raises(AttributeError, match="module 'decouple' has no attribute 'nonsense'"):
        _ = decouple.nonsense


def test_importing_the_package_loads_nothing_heavy() -> None:
    program = "import sys, decouple; print({'numpy', 'torch', 'importlib.metadata'} & set(sys.modules))"
    command = [sys.executable, "-S", "-c", program]  # -S: an editable install looks up metadata on start
    answer = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert answer.stdout == "set()\n"
