import dataclasses
from pathlib import Path
from unittest.mock import Mock

import pytest

from decouple.config.settings_yaml import to_yaml
from decouple.errors import ConfigError, RunError
from decouple.files.new_run import create_run
from decouple.files.run_dir import RunDir
from stage1 import complete_run as module
from stage1.complete_run import complete_run
from stage1.settings import Stage1Config


@pytest.fixture
def config(tmp_path: Path) -> Stage1Config:
    return Stage1Config(data="digits", epochs=2, name="a", runs=str(tmp_path))


@pytest.fixture
def run(config: Stage1Config, tmp_path: Path) -> RunDir:
    """A run that is not finished."""
    run = create_run(tmp_path, "a", "", lambda draft: draft.config.write_text(to_yaml(config)) and None)
    run.set_status("interrupted")
    return run


def test_a_new_run_is_trained(config: Stage1Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start = Mock(return_value=RunDir(tmp_path / "a"))
    monkeypatch.setattr(module, "start_run", start)
    assert complete_run(config, "b") == RunDir(tmp_path / "a")
    start.assert_called_once_with(config, "b")


def test_a_finished_run_is_returned_as_it_is(
    config: Stage1Config, run: RunDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.set_status("finished")
    monkeypatch.setattr(module, "start_run", lambda *_: pytest.fail("trained again"))
    monkeypatch.setattr(module, "resume_run", lambda *_: pytest.fail("trained again"))
    assert complete_run(dataclasses.replace(config, device="cpu")) == run


def test_an_interrupted_run_goes_on_where_it_is_now(
    config: Stage1Config, run: RunDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    resume = Mock(return_value=run)
    monkeypatch.setattr(module, "resume_run", resume)
    assert complete_run(config) == run
    resume.assert_called_once_with(dataclasses.replace(config, resume=True), frozenset({"device", "root"}))


def test_other_settings_need_another_name(config: Stage1Config, run: RunDir) -> None:
    with pytest.raises(
        ConfigError, match=f"the run {run.path} was made with epochs 2, 3 was given; choose another name"
    ):
        complete_run(dataclasses.replace(config, epochs=3))


def test_edited_settings_are_noticed(config: Stage1Config, run: RunDir) -> None:
    run.config.write_text(to_yaml(dataclasses.replace(config, epochs=3)))
    with pytest.raises(RunError, match="was edited after the run began"):
        complete_run(dataclasses.replace(config, epochs=3))


def test_a_folder_that_is_no_run(config: Stage1Config, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(RunError, match=r"is not a run folder: it has no run.json"):
        complete_run(config)
