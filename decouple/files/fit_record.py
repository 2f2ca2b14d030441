"""fit.json: the runs that `decouple fit` makes, and which of them it recommends."""

import contextlib
from dataclasses import dataclass
from pathlib import Path

from decouple.errors import RunError
from decouple.files.json_records import parse_record, read_json, write_record
from decouple.files.run_dir import RunDir

FIT_FILE = "fit.json"


@dataclass(frozen=True, kw_only=True)
class FitRecord:
    """The content of fit.json. The runs lie beside its folder."""

    images: str  # what was fitted, as it was typed
    runs: tuple[str, ...]  # names of the runs, in the order in which they are made
    recommended: str | None = None  # name of a run; None: the fit is not finished
    reason: str | None = None  # in one sentence


def read_fit(folder: Path) -> FitRecord:
    """Return fit.json of a folder.

    Raises:
        RunError: it is missing or damaged.
    """
    return parse_record(FitRecord, read_json(folder / FIT_FILE), folder / FIT_FILE)


def write_fit(folder: Path, record: FitRecord) -> None:
    """Write fit.json."""
    write_record(folder / FIT_FILE, record)


def is_fit(folder: Path) -> bool:
    """Return whether `decouple fit` has made the folder."""
    return (folder / FIT_FILE).exists()


def recommended_run(folder: Path) -> RunDir:
    """Return the run that a fit recommends.

    Raises:
        RunError: the fit is not finished, fit.json is damaged, or the run is not beside the folder.
    """
    record = read_fit(folder)
    if record.recommended is None:
        raise RunError(
            f"the fit {folder} is not finished; continue it with decouple fit `resume=True` `name={folder.name}`"
        )
    run = RunDir(folder.parent / record.recommended)
    if not run.path.is_dir():
        raise RunError(
            f"{folder} is the record of a fit, and its run {run.path} is missing; where the fit was moved, "
            f"move {run.name} along to the folder beside it"
        )
    return run


def list_fits(root: Path) -> list[Path]:
    """Return the folders of fits under `root`, by name; damaged ones are left out."""
    fits = []
    for path in sorted(root.glob(f"*/{FIT_FILE}")):
        with contextlib.suppress(RunError, OSError):
            read_fit(path.parent)
            fits.append(path.parent)
    return fits


def preferred_run(run: RunDir) -> RunDir:
    """Return the run that the fit of `run` recommends; `run` itself where it belongs to no finished fit."""
    for folder in list_fits(run.path.parent):
        record = read_fit(folder)
        if record.recommended is not None and run.name in record.runs:
            return RunDir(folder.parent / record.recommended)
    return run
