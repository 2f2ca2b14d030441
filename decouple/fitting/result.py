"""What `decouple fit --json` prints."""

from dataclasses import dataclass

from decouple.fitting.fit_images import FitOutcome
from decouple.reporting.result_records import RunRecord, run_record


@dataclass(frozen=True, kw_only=True)
class FitResultRecord:
    """Result of `decouple fit`."""

    folder: str
    recommended: str  # name of the run
    reason: str
    conclusions: tuple[str, ...]
    first_table_seconds: float | None  # from the start of the program; None where nothing was fitted now
    runs: tuple[RunRecord, ...]


def fit_record(outcome: FitOutcome) -> FitResultRecord:
    """Return a fit as plain values."""
    return FitResultRecord(
        folder=str(outcome.folder),
        recommended=outcome.recommended.name,
        reason=outcome.reason,
        conclusions=outcome.conclusions,
        first_table_seconds=outcome.first_table_seconds,
        runs=tuple(run_record(run) for run in outcome.runs),
    )
