import dataclasses
from pathlib import Path

import pytest

from decouple.errors import RunError
from stage2.settings import Stage2Config
from tuning.sweep.cell_states import CellState, CellStates
from tuning.sweep.cells import SweepCell


def _cell(method: str, fingerprint: str = "f") -> SweepCell:
    return SweepCell(
        data="d",
        stage1="ce",
        stage2=method,
        seed=0,
        folder=Path("sweep"),
        run_folder=Path("sweep/d-ce-s0"),
        entry=method,
        settings=Stage2Config(method=method),
        fingerprint=fingerprint,
    )


def test_cells_are_pending_until_recorded_and_stay(tmp_path: Path) -> None:
    states, one, two = CellStates(tmp_path), _cell("crt"), _cell("tau")
    states.begin([one, two])
    states.record(one, CellState(state="done", fingerprint="f", seconds=1.5))
    states.record(two, CellState(state="failed", fingerprint="f", error="it broke, badly"))
    states.begin([one, two])
    assert [cell.state for cell in states.read().values()] == ["done", "failed"]
    assert (tmp_path / "cells.csv").read_text().splitlines() == [
        "cell,state,seconds,error",
        "d-ce-s0/crt,done,1.5,",
        'd-ce-s0/tau,failed,,"it broke, badly"',
    ]


def test_a_cell_of_other_settings_is_pending_and_one_that_has_gone_is_left_out(tmp_path: Path) -> None:
    states, one, two = CellStates(tmp_path), _cell("crt"), _cell("tau")
    states.begin([one, two])
    states.record(one, CellState(state="done", fingerprint="f"))
    states.begin([dataclasses.replace(one, fingerprint="g")])
    assert states.read() == {"d-ce-s0/crt": CellState(state="pending", fingerprint="g")}


def test_a_damaged_file_is_named_with_its_key(tmp_path: Path) -> None:
    (tmp_path / "cells.json").write_text('{"format": 1, "cells": {"a": {"state": "lost", "fingerprint": "f"}}}')
    with pytest.raises(
        RunError, match=r"cells\.json is damaged: .*cells.a.state.* must be one of done, failed, pending"
    ):
        CellStates(tmp_path).read()


def test_one_process_runs_a_sweep(tmp_path: Path) -> None:
    with CellStates(tmp_path).lock(), pytest.raises(RunError, match="is being run by another process"):  # noqa: SIM117
        with CellStates(tmp_path).lock():
            pass
