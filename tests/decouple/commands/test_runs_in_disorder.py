"""Runs that are damaged, unfinished, of another version or in use: each is one sentence."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from decouple.files.json_records import read_json
from decouple.files.run_dir import RunDir

Run = Callable[..., Any]


@pytest.mark.parametrize("damage", ["other weights", "truncated", "swapped splits"])
def test_features_that_do_not_belong_are_made_again(decouple: Run, runs: Path, damage: str) -> None:
    cache = runs / "base" / "features" / "last"
    if damage == "other weights":
        shutil.copy(runs / "base/weights/best.safetensors", runs / "base/weights/last.safetensors")
        with (runs / "base/weights/last.safetensors").open("r+b") as opened:  # one bit, in the last weight
            opened.seek(-1, 2)
            byte = opened.read(1)[0]
            opened.seek(-1, 2)
            opened.write(bytes([byte ^ 1]))
    elif damage == "truncated":
        (cache / "val.safetensors").write_bytes((cache / "val.safetensors").read_bytes()[:200])
    else:
        shutil.copy(cache / "val.safetensors", cache / "test.safetensors")
    answer = decouple("stage2", "--method", "tau", "--runs", runs)
    assert answer.code == 0
    assert ".safetensors" in answer.out.splitlines()[0]
    assert answer.out.splitlines()[0].endswith(": it has been made again")
    assert "made again" not in decouple("stage2", "--method", "tau", "--runs", runs).out


def test_a_run_of_another_version_is_refused(decouple: Run, runs: Path) -> None:
    manifest = runs / "base" / "run.json"
    manifest.write_text(manifest.read_text().replace('"format": 2', '"format": 99'))
    answer = decouple("stage2", "--run", runs / "base")
    assert answer.code == 2
    assert "has format 99, this version of decouple reads format 2" in answer.err


def test_a_run_without_stage_one_is_refused(decouple: Run, runs: Path) -> None:
    RunDir(runs / "base").set_status("interrupted")
    for arguments in (("stage2",), ("tune", "tau"), ("tune", "weight-decay"), ("evaluate",)):
        answer = decouple(*arguments, "--runs", runs)
        assert answer.code == 2
        assert "has no finished stage one" in answer.err


def test_resume_with_changed_settings_is_refused(decouple: Run, runs: Path) -> None:
    RunDir(runs / "base").set_status("interrupted")
    answer = decouple("stage1", "--resume", "--lr", "0.7", "--runs", runs)
    assert answer.code == 2
    assert "lr is" in answer.err
    assert "0.7 was given" in answer.err


def test_a_name_is_taken_once(decouple: Run, runs: Path) -> None:
    answer = decouple("stage1", "--fraction", "0.5", "--epochs", "1", "--name", "base", "--runs", runs)
    assert answer.code == 2
    assert "exists already" in answer.err


def test_a_run_that_is_not_whole_is_said_before_any_work(decouple: Run, runs: Path) -> None:
    (runs / "base" / "results.json").write_text('{"stage1": 3}')
    for arguments in (("stage2", "--method", "ncm"), ("tune", "tau"), ("evaluate",)):
        answer = decouple(*arguments, "--runs", runs)
        assert answer.code == 2
        assert "results.json is damaged: 'stage1' must be a mapping, got 3" in answer.err
    (runs / "base" / "results.json").unlink()
    assert "results.json is missing" in decouple("stage2", "--runs", runs).err
    (runs / "base" / "weights" / "last.safetensors").unlink()
    assert "last.safetensors is missing" in decouple("evaluate", "--runs", runs).err


def test_a_failed_run_is_not_offered_for_resuming(decouple: Run, runs: Path) -> None:
    RunDir(runs / "base").set_status("failed")
    answer = decouple("stage2", "--runs", runs)
    assert answer.code == 2
    assert "not finite numbers; train again with a lower --lr" in answer.err
    assert "--resume" not in answer.err


def test_one_damaged_run_hides_no_other(decouple: Run, runs: Path) -> None:
    shutil.copytree(runs / "base", runs / "broken")
    (runs / "broken" / "results.json").write_text("{")
    answer = decouple("runs", "--runs", runs)
    assert answer.code == 0
    assert "damaged" in answer.out
    assert "finished" in answer.out
    assert "broken" in answer.err


@pytest.mark.parametrize(
    ("file", "text", "status"),
    [
        ("run.json", None, "damaged"),
        ("run.json", "{}", "damaged"),
        ("run.json", "[1]", "damaged"),
        ("data.json", "{}", "damaged"),
        ("data.json", '{"group_counts": ["x"]}', "damaged"),
        ("results.json", '{"stage1": "x"}', "damaged"),
        ("results.json", "{}", "damaged"),
        ("results.json", '{"stage1": {"last": {}}}', "damaged"),
        ("config.yaml", "data: digits", "edited"),
        ("config.yaml", "[1", "damaged"),
        ("config.yaml", None, "damaged"),
    ],
)
def test_a_damaged_file_is_one_sentence_and_hides_no_other_run(
    decouple: Run, runs: Path, file: str, text: str | None, status: str
) -> None:
    shutil.copytree(runs / "base", runs / "broken")
    if text is None:
        (runs / "broken" / file).unlink()
    else:
        (runs / "broken" / file).write_text(text)
    answer = decouple("runs", "--runs", runs)
    assert answer.code == 0
    (line,) = [line for line in answer.out.splitlines() if line.split()[:1] == ["broken"]]
    assert status in line
    assert [line.split()[1] for line in answer.out.splitlines() if line.split()[:1] == ["base"]] == ["finished"]
    assert decouple("stage2", "--method", "ncm", "--run", "base", "--runs", runs).code == 0
    for arguments in (("stage2", "--method", "ncm"), ("evaluate",), ("compare", "--method", "none"), ("tune", "tau")):
        answer = decouple(*arguments, "--run", "broken", "--runs", runs)
        assert answer.code == 2
        assert file in answer.err
        assert len(answer.err.strip().splitlines()) == 1, answer.err


def test_settings_edited_in_an_unfinished_run_are_noticed(decouple: Run, runs: Path) -> None:
    run = RunDir(runs / "base")
    run.set_status("interrupted")
    run.config.write_text(run.config.read_text().replace("epochs: 2", "epochs: 3"))
    answer = decouple("stage1", "--resume", "--runs", runs)
    assert answer.code == 2
    assert "config.yaml is missing or was edited after the run began" in answer.err


def test_each_file_of_a_run_is_read_once(decouple: Run, runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert decouple("stage2", "--method", "tau", "--runs", runs).code == 0
    read: list[str] = []

    def counted(path: Path) -> dict[str, Any]:
        read.append(path.name)
        return read_json(path)

    for module in ("data_record", "results", "run_manifest"):
        monkeypatch.setattr(f"decouple.files.{module}.read_json", counted)
    os.utime(runs / "base" / "run.json")  # all as if in a new process
    os.utime(runs / "base" / "data.json")
    os.utime(runs / "base" / "results.json")
    assert decouple("stage2", "--method", "tau", "--runs", runs).code == 0
    assert sorted(read) == ["data.json", "results.json", "run.json"]


def test_what_a_killed_process_half_wrote_is_removed(decouple: Run, runs: Path) -> None:
    leftover = runs / "base" / "figures" / ".methods.png.12.part"
    leftover.write_bytes(b"half")
    assert decouple("stage2", "--method", "ncm", "--runs", runs).code == 0
    assert not leftover.exists()
