"""Recipes by name, in the source tree and in a wheel."""

import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from decouple.config.recipes import FOLDER, recipe_list, settings_file

ROOT = Path(__file__).parents[3]
Run = Callable[..., Any]


@pytest.mark.parametrize("name", ["gcl", "gcl.yaml"])
def test_a_recipe_has_a_name(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert settings_file(name) == FOLDER / "gcl.yaml"
    (tmp_path / name).write_text("epochs: 3\n")
    assert settings_file(name) == Path(name)  # the user's own file wins


def test_a_misspelt_recipe_is_one_sentence(decouple: Run, tmp_path: Path) -> None:
    answer = decouple("stage1", "--config", "glc", "--runs", tmp_path)
    assert answer.code == 2
    assert answer.err == (
        "error: there is no settings file glc, and no recipe of that name. Did you mean 'gcl'? See --config list.\n"
    )


@pytest.mark.parametrize(("command", "expected"), [("stage1", "gcl"), ("stage2", "gcl-stage2")])
def test_the_list_holds_the_recipes_of_the_command(decouple: Run, command: str, expected: str) -> None:
    answer = decouple(command, "--config", "list")
    assert answer.code == 0
    names = [line.split()[0] for line in answer.out.splitlines()]
    assert expected in names
    assert all(("stage2" in name) == (command == "stage2") for name in names)
    assert sorted(names) == names


def test_a_line_says_what_a_recipe_is() -> None:
    lines = recipe_list(["data", "profile", "ratio", *["method", "sampler", "sampler_options", "loss", "loss_options"],
                         "epochs", "batch_size", "lr", "momentum", "weight_decay"])  # fmt: skip
    assert lines.splitlines()[-1] == "gcl-stage2         Stage two of GCL, as the text has it"
    assert recipe_list(["runs"]) == "there is no recipe for this command\n"


def test_a_recipe_with_warm_up_takes_one_epoch(decouple: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("decouple.commands.stage1.draw_stage1", lambda *_: None)
    small = ["--data", "digits", "--fraction", "0.3", "--ratio", "5", "--model", "resnet20", "--augment", "crop"]
    words = ["stage1", "--config", "cao-ce", *small, "--epochs", "1", "--runs", tmp_path / "runs"]
    answer = decouple(*words, "--name", "short")
    assert answer.code == 0, answer.err
    assert answer.out.startswith("--epochs 1 cuts the warm-up of the settings file, 5 epochs, to 1\n")
    assert "\nwarmup_epochs: 1\n" in (tmp_path / "runs/short/config.yaml").read_text()
    answer = decouple(*words, "--warmup-epochs", "3")
    assert answer.code == 2
    assert "--warmup-epochs must be between 0 and 1, got 3" in answer.err


def test_a_wheel_brings_the_recipes(tmp_path: Path) -> None:
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    for package in ("decouple", "samplers", "stage1", "stage2", "tuning"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    build = "from setuptools.build_meta import build_wheel; print(build_wheel('.'))"
    done = subprocess.run([sys.executable, "-c", build], cwd=tmp_path, capture_output=True, text=True, check=True)
    with zipfile.ZipFile(tmp_path / done.stdout.split()[-1]) as wheel:
        names = set(wheel.namelist())
        assert {f"decouple/recipes/{path.name}" for path in FOLDER.glob("*.yaml")} <= names
        wheel.extractall(tmp_path / "installed")
    listed = subprocess.run(
        [sys.executable, "-m", "decouple", "stage1", "--config", "list"],
        cwd=tmp_path / "installed",
        env={"PYTHONPATH": str(tmp_path / "installed"), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "\ngcl " in listed.stdout
