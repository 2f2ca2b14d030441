"""What tests of a run in use share: one small run with the classifiers of all stage-two methods."""

import shutil
from pathlib import Path

import pytest

from decouple.cli import main
from decouple.files.run_dir import RunDir
from stage2.methods import BY_NAME_ALONE
from stage2.settings import ALL


@pytest.fixture(scope="session")
def methods_run(_trained: Path, tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    """A finished run with all stage-two methods, not to be changed."""
    path = tmp_path_factory.mktemp("methods") / "base"
    shutil.copytree(_trained / "base", path)
    for method in (*sorted(BY_NAME_ALONE), ALL):  # all last: its recommendation is of every classifier
        assert main(["stage2", "--run", str(path), "--method", method, "--epochs", "1", "--device", "cpu"]) == 0
    return RunDir(path)


@pytest.fixture
def exportable(methods_run: RunDir, tmp_path: Path) -> Path:
    """A folder of runs that holds that run, called "base", to be changed at will."""
    shutil.copytree(methods_run.path, tmp_path / "runs" / "base")
    return tmp_path / "runs"
