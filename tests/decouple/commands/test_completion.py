"""Shell completion, as a shell runs it."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from decouple.command_table import COMMANDS
from decouple.completion.bash_script import bash_script as make_script
from decouple.completion.options import completed_commands

Run = Callable[..., Any]
BASH = shutil.which("bash")


@pytest.fixture(scope="module")
def bash_script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("completion") / "decouple.bash"
    path.write_text(make_script(completed_commands()))
    return path


def complete(script: Path, folder: Path, *words: str) -> list[str]:
    """Return what bash offers for the last of the words."""
    if BASH is None:
        pytest.skip("there is no bash")
    program = """
source "$1"; shift
COMP_WORDS=(decouple "$@"); COMP_CWORD=$#
_decouple
printf '%s\\n' "${COMPREPLY[@]}"
"""
    done = subprocess.run(
        [BASH, "--norc", "-eu", "-c", program.replace("_decouple\n", "set +e; _decouple\n"), "bash", script, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for run in ("base", "tuned"):
        (tmp_path / "runs" / run).mkdir(parents=True)
    (tmp_path / "other" / "far").mkdir(parents=True)
    (tmp_path / "grid.yaml").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["stag"], ["stage1", "stage2"]),
        (["tune", ""], ["weight-decay", "tau", "joint", "stage2"]),
        (["tune", "we"], ["weight-decay"]),
        (["stage1", "--warm"], ["--warmup-epochs"]),
        (["stage1", "--schedule", ""], ["cosine", "multistep", "step", "constant"]),
        (["stage1", "--schedule", "=", "co"], ["cosine", "constant"]),
        (["stage1", "--data", "cif"], ["cifar10", "cifar100"]),
        (["tune", "tau", "--search", "g"], ["grid"]),
        (["evaluate", "--run", "b"], ["base"]),
        (["compare", "t"], ["tuned"]),
        (["compare", "--split", "val", "t"], ["tuned"]),
        (["compare", "--runs", "other", "f"], ["far"]),
        (["stage1", "--config", "gcl-p"], ["gcl-public", "gcl-public-stage2"]),
        (["sweep", "gr"], ["grid.yaml"]),
        (["runs", "--js"], ["--json"]),
        (["data", "--as"], ["--as-csv"]),
        (["stage1", "--dry"], ["--dry-run"]),
        (["completion", "f"], ["fish"]),
        (["nonsense", "--x"], []),
    ],
)
def test_bash(bash_script: Path, folder: Path, words: list[str], expected: list[str]) -> None:
    assert sorted(complete(bash_script, folder, *words)) == sorted(expected)


def test_every_option_of_every_command_is_offered(bash_script: Path, folder: Path) -> None:
    for command in completed_commands():
        offered = complete(bash_script, folder, *command.name.split(), "--")
        assert offered == [option.flag for option in command.options]
        assert "--help" in offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_printed(decouple: Run, shell: str) -> None:
    answer = decouple("completion", shell)
    assert (answer.code, answer.err) == (0, "")
    assert all(name.split()[-1] in answer.out for name in COMMANDS)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_can_read_it(decouple: Run, tmp_path: Path, shell: str) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"there is no {shell}")
    (tmp_path / "script").write_text(decouple("completion", shell).out)
    subprocess.run([program, "-n", tmp_path / "script"], check=True)


def test_another_shell_is_named(decouple: Run) -> None:
    answer = decouple("completion", "bush")
    assert (answer.code, answer.err) == (
        2,
        "error: --shell must be one of bash, zsh, fish, got 'bush'. Did you mean 'bash'?\n",
    )
