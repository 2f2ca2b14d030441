"""Run a sweep in one worker process."""

from pathlib import Path

from tuning.sweep.run import SweepResult, run_sweep
from tuning.sweep.settings import SweepConfig


def sweep(folder: Path, text: str) -> SweepResult:
    """Return the results of the file with this text; the runs are in the folder `runs`."""
    (folder / "f.yaml").write_text(text)
    settings = SweepConfig(file=str(folder / "f.yaml"), runs=str(folder / "runs"), device="cpu", workers=1)
    (result,) = run_sweep(settings)
    return result
