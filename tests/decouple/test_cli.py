"""The entry point: help, typing errors, exit codes."""

import errno
import gc
import importlib
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from decouple import cli
from decouple.command_table import GROUPS
from decouple.config.command_line import parse

Run = Callable[..., Any]

SLOW_MODULES = "torch", "optuna", "pandas", "matplotlib", "timm", "sklearn", "numpy"


@pytest.mark.parametrize("words", [("--help",), ("stage1", "--help"), ("tune", "weight-decay", "--help"), ("stag1",)])
def test_help_and_typing_errors_import_nothing_slow(words: tuple[str, ...]) -> None:
    code = f"""
import sys
from decouple.cli import main
main({list(words)!r})
print("LOADED", [name for name in {SLOW_MODULES!r} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "LOADED []" in done.stdout


@pytest.mark.parametrize("was_on", [True, False])
def test_the_collector_rests_during_the_imports_only(was_on: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    observed: list[bool] = []

    class Module:
        @staticmethod
        def run(parsed: object) -> None:
            observed.append(gc.isenabled())

    def load(name: str) -> object:
        if name != "decouple.commands.runs":
            return import_module(name)
        observed.append(gc.isenabled())
        return Module

    import_module = importlib.import_module
    monkeypatch.setattr(cli.importlib, "import_module", load)
    (gc.enable if was_on else gc.disable)()
    try:
        cli.main(["runs"])
    finally:
        gc.enable()
    assert observed == [False, was_on]


def test_the_program_is_installed_under_its_name() -> None:
    program = Path(sys.executable).with_name("decouple")
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("decouple 0.")


def test_help_names_every_command(decouple: Run) -> None:
    answer = decouple("--help")
    assert answer.code == 0
    assert all(f"  {name} " in answer.out for name in cli.COMMANDS)


def test_every_command_has_help_with_defaults(decouple: Run) -> None:
    for name in cli.COMMANDS:
        answer = decouple(*name.split(), "--help")
        assert answer.code == 0
        assert f"usage: decouple {name}" in answer.out
        assert "default:" in answer.out


EXAMPLES = [(name, example) for name, command in cli.COMMANDS.items() for example in command.examples]


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=[example for _, example in EXAMPLES])
def test_an_example_of_the_help_parses(name: str, example: str) -> None:
    command, words = cli.COMMANDS[name], example.split()
    assert words[: len(name.split())] == name.split()
    module, settings = command.settings.split(":")
    settings_type = getattr(importlib.import_module(module), settings)
    parse(settings_type, words[len(name.split()) :], name, call_options=command.call_options)


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_help_begins_with_examples_and_names_types_as_people_do(decouple: Run, name: str) -> None:
    command = cli.COMMANDS[name]
    assert len(command.examples) >= 2
    text = decouple(*name.split(), "--help").out
    assert text.startswith("examples:\n" + "".join(f"  decouple {example}\n" for example in command.examples))
    assert not re.search(r"Union|NoneType|Literal|typing|<class|\bnull\b|\bstr\b|\bint\b|\bfloat\b|Optional", text)


def test_every_command_is_in_a_group_of_the_overview(decouple: Run) -> None:
    overview = decouple().out
    assert {command.group for command in cli.COMMANDS.values()} == set(GROUPS)
    positions = [overview.index(f"{group}: ") for group in GROUPS]
    assert positions == sorted(positions)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["stag1"], "unknown command 'stag1'. Did you mean 'stage1'?"),
        (["tune"], "'decouple tune' needs one of: weight-decay, tau, joint, stage2"),
        (["tune", "tua"], "unknown tune target 'tua'. Did you mean 'tau'?"),
        (["stage1", "--epohs", "3"], "unknown option '--epohs'. Did you mean '--epochs'?"),
        (["stage1", "--epochs", "many"], "--epochs must be a whole number, got 'many'"),
        (["stage1", "--schedule", "cosin"], "Did you mean 'cosine'?"),
        (["stage1", "loud"], "unexpected 'loud' after 'decouple stage1'"),
        (["stage1", "--data", "digit"], "unknown data set 'digit'. Did you mean 'digits'?"),
        (["stage1", "--loss", "cee"], "unknown loss 'cee'. Did you mean 'ce'?"),
        (["stage1", "--sampler", "clas"], "unknown sampler 'clas'. Did you mean 'class'?"),
        (["stage1", "--model", "resnet22"], "unknown model 'resnet22'. Did you mean"),
        (["stage1", "--ratio", "0.5"], "--ratio must be between 1 and 1e+09, got 0.5"),
        (["stage1", "--max-count", "400"], "class"),
        (["stage1", "--ratio", "1e300"], "--ratio must be between 1 and 1e+09, got 1e+300"),
        (["stage1", "--max-count", "9" * 30], "--max-count must be between 1 and 1e+09"),
        (["data", "--figure", "."], "--figure must name a file in a folder that exists, got '.'"),
        (["stage1", "--ratio", "1000"], "ratio"),
        (["stage1", "--device", "tpu"], "--device must be auto, cpu, cuda or cuda:N, got 'tpu'"),
        (["stage1", "--root", "moths"], "--root has no meaning for --data digits; it is for cifar10, cifar100, folder"),
        (["data", "--classes", "20"], "--classes has no meaning for --data digits; it is for glyphs"),
        (["stage1", "--resume"], "there is no run in"),
        (["stage2", "--method", "tua"], "unknown stage-2 method 'tua'. Did you mean 'tau'?"),
        (["stage2", "--method", "tau"], "there is no run in"),
        (["tune", "tau"], "there is no run in"),
        (["tune", "weight-decay", "--run", "base"], "there is no run folder runs/base"),
        (["tune", "weight-decay", "--low", "0"], "--low must be above 0"),
        (["evaluate"], "there is no run in"),
    ],
)
def test_a_wrong_word_is_one_sentence_and_leaves_nothing(
    decouple: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = decouple(*words)
    assert answer.code == 2
    assert answer.err.startswith("error: ")
    assert sentence in answer.err
    assert answer.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("epohs: 3", "unknown key 'epohs' in"),
        ("epochs: soon", "'epochs' in"),
        ("download: 3", "must be true or false, got '3'"),
        ("epochs: [", "is not valid YAML"),
        ("just words", "must hold 'key: value' lines"),
    ],
)
def test_a_wrong_settings_file_is_named(
    decouple: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.yaml").write_text(text)
    answer = decouple("stage1", "--config", "my.yaml")
    assert answer.code == 2
    assert sentence in answer.err
    assert "my.yaml" in answer.err
    assert [path.name for path in tmp_path.iterdir()] == ["my.yaml"]


def test_cuda_asked_for_and_absent(decouple: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    answer = decouple("stage1", "--device", "cuda", "--runs", tmp_path / "runs")
    assert answer.code == 2
    assert "torch finds no CUDA device here; use --device cpu or auto" in answer.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS])
def test_a_disk_that_cannot_be_written_is_one_sentence(
    decouple: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, number: int
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, "the system's words", str(tmp_path / "file"))

    monkeypatch.setattr("decouple.files.atomic.os.fsync", fail)
    answer = decouple("stage1", "--fraction", "0.5", "--epochs", "1", "--runs", tmp_path / "runs")
    assert answer.code == 2
    assert "the system's words" in answer.err
    assert str(tmp_path) in answer.err
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("decouple.commands.runs.run", broken)
    with pytest.raises(ZeroDivisionError):
        cli.main(["runs"])


def test_names_that_the_terminal_cannot_show_end_nothing(tmp_path: Path) -> None:
    words = [
        "data",
        "--data",
        "glyphs",
        "--classes",
        "60",
        "--max-count",
        "2",
        "--profile",
        "balanced",
        "--all-classes",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "decouple", *words, "--figure", str(tmp_path / "classes.png")],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert done.returncode == 0, done.stderr
    assert b"U+0041" in done.stdout
    assert b"\\u" in done.stdout  # a sign beyond ASCII, as an escape
