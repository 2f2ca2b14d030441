import subprocess
import sys

import pytest

import decouple


@pytest.mark.parametrize("line", ["from decouple import config", "from decouple import AutoConfig, Csv"])
def test_a_program_for_python_decouple_learns_what_is_wrong(line: str) -> None:
    result = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True)
    assert "is a name of python-decouple, and this `decouple` is decouple-lt" in result.stderr.splitlines()[-1]


def test_own_modules_are_imported_by_full_name() -> None:
    program = "import decouple.config.fields, decouple; print(decouple.config.fields.flag_of('a_b'))"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout == "--a-b\n"
    assert not hasattr(decouple, "nothing")
