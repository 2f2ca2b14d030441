"""Storages of studies: how they are named, what goes wrong, heartbeats; and a real PostgreSQL where there is one."""

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState

from decouple.errors import ConfigError, RunError
from decouple.run_dir import RunDir
from tuning import storage as tuning_storage
from tuning.abandoned import give_up_abandoned
from tuning.quiet import quiet_optuna
from tuning.space import Range, Values
from tuning.storage import Place, opened, place_of
from tuning.study import Outcome, Report, Search, finished, open_study, run_search

SEARCH = Search((Range("x", 0.0, 1.0),), 4, 0)


def _judge(values: Values, _report: Report) -> Outcome:
    return Outcome(100 * values["x"], None)


def _free_port() -> int:
    with socket.socket() as opened_socket:
        opened_socket.bind(("127.0.0.1", 0))
        return int(opened_socket.getsockname()[1])


def test_where_a_study_is_kept(tmp_path: Path) -> None:
    run = RunDir(tmp_path / "base")
    assert place_of(run, "tau", None) == Place("tau", path=run.study("tau"))
    assert place_of(run, "tau", "journal:/shared/x") == Place("base-tau", path=Path("/shared/x"), journal=True)
    assert place_of(run, "tau", "study.log") == Place("base-tau", path=Path("study.log"), journal=True)
    assert place_of(run, "tau", "postgresql://me@host/db").url == "postgresql+psycopg2://me@host/db"
    assert [place_of(run, "tau", each).shared for each in (None, "a.log", "sqlite:///a.db")] == [False, True, True]


def test_a_password_is_not_shown(tmp_path: Path) -> None:
    place = place_of(RunDir(tmp_path / "base"), "tau", "postgresql://me:secret@host/db")
    assert "secret" in str(place.url)
    assert str(place) == "postgresql+psycopg2://me:***@host/db (study 'base-tau')"


@pytest.mark.parametrize("storage", ["study", "journal:", ""])
def test_what_is_no_storage(storage: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--storage"):
        place_of(RunDir(tmp_path), "tau", storage)


def test_a_driver_that_is_not_installed(tmp_path: Path) -> None:
    place = place_of(RunDir(tmp_path), "tau", "mysql+oursql://host/db")
    with pytest.raises((ConfigError, RunError)), opened(place):
        pass


def test_a_data_base_that_is_not_there(tmp_path: Path) -> None:
    with (
        pytest.raises(RunError, match=r"cannot be read or written: .*unable to open database file"),
        opened(place_of(RunDir(tmp_path), "tau", f"sqlite:///{tmp_path}/none/s.db")),
    ):
        pass


def test_the_same_seed_gives_the_same_trials_in_every_storage(tmp_path: Path) -> None:
    places = [Place("s", path=tmp_path / "s.db"), Place("s", path=tmp_path / "j", journal=True)]
    places.append(Place("s", url=f"sqlite:///{tmp_path}/u.db"))
    found = [[trial.params["x"] for trial in run_search(place, SEARCH, _judge)] for place in places]
    assert found[0] == found[1] == found[2]


def test_a_trial_without_heartbeat_is_failed_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning_storage, "HEARTBEAT", 1)
    monkeypatch.setattr(tuning_storage, "GRACE", 2)
    place = Place("s", url=f"sqlite:///{tmp_path}/s.db")
    with opened(place) as storage:
        study = open_study(storage, place, SEARCH, alone=False)
        with quiet_optuna():
            trial = study.ask()
        lost = trial.suggest_float("x", 0.0, 1.0)
        trial.set_user_attr("owner", "another-machine:1:1")
        assert isinstance(storage, optuna.storages.RDBStorage)
        storage.record_heartbeat(trial._trial_id)
    trials = run_search(place, SEARCH, _judge)  # its last trial waits until the lost one is given up
    assert len(trials) == 4
    assert [each.user_attrs["retries"] for each in trials if each.params["x"] == lost] == [1]


def test_a_trial_of_another_machine_is_left_alone_in_a_journal(tmp_path: Path) -> None:
    place = Place("s", path=tmp_path / "j", journal=True)
    with opened(place) as storage:
        study = open_study(storage, place, SEARCH, alone=False)
        trial = study.ask()
        trial.set_user_attr("owner", "another-machine:1:1")
        give_up_abandoned(study)
        assert study.trials[0].state == TrialState.RUNNING


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server of its own in a temporary folder, which refuses to be run by root; yields its URL."""
    if find_spec("psycopg2") is None or shutil.which("initdb") is None or shutil.which("pg_ctl") is None:
        pytest.skip("PostgreSQL or psycopg2 is not installed")
    as_other = {"user": "nobody"} if os.getuid() == 0 else {}
    owner = pwd.getpwnam("nobody").pw_name if as_other else pwd.getpwuid(os.getuid()).pw_name
    folder = Path(subprocess.run(["mktemp", "-d", "/tmp/pg-XXXXXX"], capture_output=True, text=True).stdout.strip())
    if as_other:
        shutil.chown(folder, "nobody")
    data, port = folder / "data", _free_port()
    options = {"check": True, "capture_output": True, "cwd": folder, **as_other}
    try:
        subprocess.run(["initdb", "-D", data, "-A", "trust", "-U", owner, "--no-sync"], **options)
        flags = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        subprocess.run(["pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", flags, "start"], **options)
        try:
            yield f"postgresql://{owner}@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run(["pg_ctl", "-D", data, "-m", "immediate", "stop"], **options)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_a_study_in_postgresql(server: str, tmp_path: Path) -> None:
    place = place_of(RunDir(tmp_path / "base"), "s", server)
    first = run_search(place, Search(SEARCH.space, 3, 0), _judge)
    both = run_search(place, SEARCH, _judge, worker=1)
    assert [trial.params for trial in both[:3]] == [trial.params for trial in first]
    assert len(both) == 4
    with opened(place) as storage:
        study = open_study(storage, place, SEARCH, alone=False)
        assert len(finished(study)) == 4
        assert isinstance(storage, optuna.storages.RDBStorage)
        assert storage.get_heartbeat_interval() == tuning_storage.HEARTBEAT
    with pytest.raises(ConfigError, match="was begun with seed 0, 1 was given"):
        run_search(place, Search(SEARCH.space, 4, 1), _judge)


def test_a_server_that_is_away(server: str, tmp_path: Path) -> None:
    away = server.replace(server.rsplit(":", 1)[1].split("/")[0], str(_free_port()))
    with (
        pytest.raises(RunError, match="cannot be read or written"),
        opened(place_of(RunDir(tmp_path), "s", away)),
    ):
        pass
