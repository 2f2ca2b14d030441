"""Storages of studies: how they are named, what goes wrong, heartbeats."""

from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState

from decouple.errors import ConfigError, RunError
from decouple.files.run_dir import RunDir
from tuning import study_storage as tuning_storage
from tuning.quiet_optuna import quiet_optuna
from tuning.search_spec import ReportEpoch, Search, SearchSpec, TrialResult
from tuning.space import Range, Values
from tuning.stale_trials import fail_stale_trials
from tuning.study import open_study
from tuning.study_storage import StudyLocation, open_storage, study_location
from tuning.trial_loop import run_trials

SEARCH = SearchSpec((Range("x", 0.0, 1.0),), 4, 0)


def _judge(values: Values, _report: ReportEpoch) -> TrialResult:
    return TrialResult(100 * values["x"], None)


def test_where_a_study_is_kept(tmp_path: Path) -> None:
    run = RunDir(tmp_path / "base")
    assert study_location(run, "tau", None) == StudyLocation("tau", path=run.study("tau"))
    assert study_location(run, "tau", "journal:/shared/x") == StudyLocation(
        "base-tau", path=Path("/shared/x"), journal=True
    )
    assert study_location(run, "tau", "study.log") == StudyLocation("base-tau", path=Path("study.log"), journal=True)
    assert study_location(run, "tau", "postgresql://me@host/db").url == "postgresql+psycopg2://me@host/db"
    assert [study_location(run, "tau", entry).shared for entry in (None, "a.log", "sqlite:///a.db")] == [
        False,
        True,
        True,
    ]


def test_a_password_is_not_shown(tmp_path: Path) -> None:
    index = study_location(RunDir(tmp_path / "base"), "tau", "postgresql://me:secret@host/db")
    assert "secret" in str(index.url)
    assert str(index) == "postgresql+psycopg2://me:***@host/db (study 'base-tau')"


@pytest.mark.parametrize("storage", ["study", "journal:", ""])
def test_what_is_no_storage(storage: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="storage"):
        study_location(RunDir(tmp_path), "tau", storage)


def test_a_driver_that_is_not_installed(tmp_path: Path) -> None:
    index = study_location(RunDir(tmp_path), "tau", "mysql+oursql://host/db")
    with pytest.raises((ConfigError, RunError)), open_storage(index):
        pass


def test_a_data_base_that_is_not_there(tmp_path: Path) -> None:
    with (
        pytest.raises(RunError, match=r"cannot be read or written: .*unable to open database file"),
        open_storage(study_location(RunDir(tmp_path), "tau", f"sqlite:///{tmp_path}/none/s.db")),
    ):
        pass


def test_the_same_seed_gives_the_same_trials_in_every_storage(tmp_path: Path) -> None:
    indices = [StudyLocation("s", path=tmp_path / "s.db"), StudyLocation("s", path=tmp_path / "j", journal=True)]
    indices.append(StudyLocation("s", url=f"sqlite:///{tmp_path}/u.db"))
    result = [[trial.params["x"] for trial in run_trials(index, Search(SEARCH, _judge))] for index in indices]
    assert result[0] == result[1] == result[2]


def test_a_trial_without_heartbeat_is_failed_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning_storage, "HEARTBEAT_SECONDS", 1)
    monkeypatch.setattr(tuning_storage, "GRACE_SECONDS", 2)
    index = StudyLocation("s", url=f"sqlite:///{tmp_path}/s.db")
    with open_storage(index) as storage:
        study = open_study(storage, index, SEARCH, exclusive=False)
        with quiet_optuna():
            trial = study.ask()
        lost = trial.suggest_float("x", 0.0, 1.0)
        trial.set_user_attr("owner", "another-machine:1:1")
        assert isinstance(storage, optuna.storages.RDBStorage)
        storage.record_heartbeat(trial._trial_id)
    trials = run_trials(index, Search(SEARCH, _judge))  # its last trial waits until the lost one is given up
    assert len(trials) == 4
    assert [entry.user_attrs["retries"] for entry in trials if entry.params["x"] == lost] == [1]


def test_a_trial_of_another_machine_is_left_alone_in_a_journal(tmp_path: Path) -> None:
    index = StudyLocation("s", path=tmp_path / "j", journal=True)
    with open_storage(index) as storage:
        study = open_study(storage, index, SEARCH, exclusive=False)
        trial = study.ask()
        trial.set_user_attr("owner", "another-machine:1:1")
        fail_stale_trials(study)
        assert study.trials[0].state == TrialState.RUNNING


def test_a_damaged_journal_is_one_sentence(tmp_path: Path) -> None:
    journal = tmp_path / "a.log"
    journal.write_text('garbage\n{"op_code": 0}\n')
    damaged = pytest.raises(RunError, match=r"the journal of the study in .*a\.log .* is damaged")
    with damaged, open_storage(StudyLocation("s", path=journal, journal=True)):
        pass
