"""Records of training: what each logger writes, after an interruption too, and in the commands."""

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest

from decouple.errors import ConfigError
from stage1.loggers import LOGGERS
from stage1.loggers.build import open_log, require_loggers
from stage1.loggers.csv_history import CsvHistory
from stage1.loggers.epoch_logger import Row

Run = Callable[..., Any]
EPOCHS: list[Row] = [
    {"epoch": 1, "lr": 0.1, "train_loss": 2.0, "val_balanced": None},
    {"epoch": 2, "lr": 0.05, "train_loss": 1.5, "val_balanced": 40.0},
]


def scalars(folder: Path) -> dict[str, list[tuple[int, object]]]:
    """Return tag -> (step, value) as TensorBoard shows them."""
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    events = accumulator.EventAccumulator(str(folder))
    events.Reload()
    return {
        tag: [(event.step, pytest.approx(event.value)) for event in events.Scalars(tag)]
        for tag in events.Tags()["scalars"]
    }


def write(name: str, folder: Path, rows: Sequence[Row], done: Sequence[Row] = (), **metrics: float) -> None:
    with open_log([name], folder, "epochs: 2\n", done) as log:
        for row in rows:
            log.epoch(row)
        log.finish(metrics)


def test_the_history_goes_on(tmp_path: Path) -> None:
    write("csv", tmp_path, EPOCHS[:1])
    write("csv", tmp_path, EPOCHS[1:], done=EPOCHS[:1])
    expected = "epoch,lr,train_loss,val_balanced\n1,0.1,2.0,\n2,0.05,1.5,40.0\n"
    assert (tmp_path / "history.csv").read_text() == expected


def test_scalars_of_tensorboard(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    write("tensorboard", tmp_path, EPOCHS, balanced=71.5)
    assert scalars(tmp_path / "tensorboard") == {
        "lr": [(1, 0.1), (2, 0.05)],
        "train/loss": [(1, 2.0), (2, 1.5)],
        "val/balanced": [(2, 40.0)],
        "test/balanced": [(2, 71.5)],
    }


def test_a_killed_process_leaves_no_second_curve(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    write("tensorboard", tmp_path, EPOCHS)
    again: Row = {**EPOCHS[1], "train_loss": 1.25}  # the second epoch was not saved, and is trained again
    write("tensorboard", tmp_path, [again], done=EPOCHS[:1])
    assert scalars(tmp_path / "tensorboard")["train/loss"] == [(1, 2.0), (2, 1.25)]


def test_every_logger_ends_after_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = []

    class Logger(CsvHistory):
        package: ClassVar[str | None] = None

        def end(self, metrics: Mapping[str, float]) -> None:
            ended.append(metrics)

    monkeypatch.setitem(LOGGERS, "own", Logger)
    with pytest.raises(ZeroDivisionError), open_log(["own", "own"], tmp_path, "", []):
        raise ZeroDivisionError
    assert ended == [{}]


def test_unknown_and_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match=r"unknown logger 'tensorbord'. Did you mean 'tensorboard'\?"):
        require_loggers(["tensorbord"])
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ConfigError, match="needs the package tensorboard, which is not installed: pip install"):
        require_loggers(["tensorboard"])


def test_a_missing_package_is_one_sentence(decouple: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    answer = decouple("stage1", "--log", "tensorboard", "--runs", tmp_path / "runs")
    assert (answer.code, answer.err) == (
        2,
        "error: --log tensorboard needs the package tensorboard, which is not installed: "
        "pip install 'decouple-lt[tensorboard]'\n",
    )
    assert not (tmp_path / "runs").exists()


def test_the_commands_log(decouple: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("tensorboard")
    monkeypatch.setattr("decouple.commands.stage1.draw_stage1", lambda *_: None)
    monkeypatch.setattr("tuning.search_runs.draw_stage1", lambda *_: None)
    small = ["--data", "digits", "--fraction", "0.3", "--ratio", "10", "--epochs", "2", "--batch-size", "16"]
    runs = tmp_path / "runs"
    answer = decouple("stage1", *small, "--runs", runs, "--name", "x", "--log", "tensorboard")
    assert answer.code == 0, answer.err
    curves = scalars(runs / "x" / "tensorboard")
    assert [step for step, _ in curves["train/loss"]] == [1, 2]
    assert [step for step, _ in curves["test/balanced"]] == [2]
    for trials in (2, 3):  # the second call writes all trials again, and none twice
        words = ["--runs", runs, "--run", "x", "--trials", str(trials), "--log", "tensorboard", "csv"]
        assert decouple("tune", "tau", *words).code == 0
    curves = scalars(runs / "x" / "tuning" / "tau" / "tensorboard")
    assert [step for step, _ in curves["tau"]] == [step for step, _ in curves["val/balanced"]] == [1, 2, 3]
    assert (runs / "x/tuning/tau/history.csv").read_text().startswith("trial,tau,val_balanced,val_tail,seconds\n1,")
    words = ["--run", runs / "x", "--trials", "1", "--epochs", "1", "--stage2", "tau", "--log", "tensorboard"]
    assert decouple("tune", "weight-decay", *words).code == 0
    (tuned,) = [path for path in runs.iterdir() if path.name.startswith("x-wd")]
    assert [step for step, _ in scalars(tuned / "tensorboard")["train/loss"]] == [1, 2]
