"""States that are written together."""

from pathlib import Path

from stage2.settings import Stage2Config
from tuning.sweep.cell_recorder import CellRecorder
from tuning.sweep.cell_states import CellState, CellStates
from tuning.sweep.cells import SweepCell


def _cell(folder: Path, method: str) -> SweepCell:
    return SweepCell(
        data="d", stage1="ce", stage2=method, seed=0, folder=folder, run_folder=folder / "d-ce-s0", entry=method,
        settings=Stage2Config(method=method), fingerprint="f",
    )  # fmt: skip


def test_a_state_waits_two_seconds_at_most_and_the_rest_is_written_at_the_end(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    cells = [_cell(one, "none"), _cell(one, "tau"), _cell(two, "crt")]
    for folder in (one, two):
        folder.mkdir()
        CellStates(folder).begin([cell for cell in cells if cell.folder == folder])
    now = 0.0

    def states() -> list[str]:
        return [state.state for folder in (one, two) for state in CellStates(folder).read().values()]

    with CellRecorder(lambda: now) as recorder:
        now = 1.0
        recorder.record(cells[0], CellState(state="done", fingerprint="f"))
        assert states() == ["pending", "pending", "pending"]
        now = 2.0
        recorder.record(cells[1], CellState(state="failed", fingerprint="f", error="e"))
        assert states() == ["done", "failed", "pending"]
        recorder.record(cells[2], CellState(state="done", fingerprint="f"))
        assert states()[2] == "pending"
    assert states() == ["done", "failed", "done"]
