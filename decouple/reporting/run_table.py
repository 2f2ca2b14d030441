"""The row of a run in the list of runs."""

from collections.abc import Mapping
from dataclasses import dataclass

from decouple.config.yaml_file import read_yaml
from decouple.datasets.data import TEST, VAL
from decouple.evaluation.metrics import Metrics
from decouple.files.run_checks import require_complete, settings_are_edited
from decouple.files.run_dir import RunDir
from decouple.files.run_lookup import present_status
from decouple.files.run_manifest import FINISHED
from decouple.reporting.columns import shown

DAMAGED = "damaged"


@dataclass(frozen=True, kw_only=True)
class RunSummary:
    """A run in the list of runs; accuracies on the test split in percent, None where there is none yet."""

    run: str
    status: str  # training, interrupted, failed, finished or damaged
    settings_edited: bool = False
    data: str | None = None
    model: str | None = None
    stage1_balanced: float | None = None
    stage1_few: float | None = None
    stage2_method: str | None = None  # the best on validation
    stage2_balanced: float | None = None
    stage2_few: float | None = None


@dataclass(frozen=True, kw_only=True)
class RunListRecord:
    """What `decouple runs --json` prints."""

    folder: str
    runs: tuple[RunSummary, ...]  # oldest first, damaged ones last


def summarize_run(run: RunDir) -> RunSummary:
    """Return name, status, settings and headline metrics of a run.

    Raises:
        DecoupleError: a file of the run is damaged.
        OSError: a file cannot be read.
    """
    manifest, settings, results = run.read_manifest(), read_yaml(run.config), run.read_results()
    run.read_data()  # raises if it is damaged
    if manifest.status == FINISHED:
        require_complete(run)
    stage1 = results.stage1.get("last")
    evaluated = {name: entry.metrics for name, entry in results.stage2.get("last", {}).items() if VAL in entry.metrics}
    best = max(evaluated, key=lambda name: round(evaluated[name][VAL]["balanced"], 9), default=None)
    balanced, few = _headline(None if stage1 is None else stage1.metrics)
    best_balanced, best_few = _headline(evaluated[best] if best else None)
    return RunSummary(
        run=run.name,
        status=present_status(run),
        settings_edited=settings_are_edited(run),
        data=settings.get("data"),
        model=settings.get("model"),
        stage1_balanced=balanced,
        stage1_few=few,
        stage2_method=best,
        stage2_balanced=best_balanced,
        stage2_few=best_few,
    )


def table_row(summary: RunSummary) -> dict[str, object]:
    """Return the row of a run as the table shows it."""
    if summary.status == DAMAGED:
        return {"run": summary.run, "status": summary.status}
    return {
        "run": summary.run,
        "status": summary.status + (", settings edited" if summary.settings_edited else ""),
        "data": summary.data,
        "model": summary.model,
        "stage 1": shown(summary.stage1_balanced),
        "few": shown(summary.stage1_few),
        "stage 2": summary.stage2_method,
        "balanced": shown(summary.stage2_balanced),
        "its few": shown(summary.stage2_few),
    }


def _headline(metrics: Mapping[str, Metrics] | None) -> tuple[float | None, float | None]:
    """Return balanced and few-shot accuracy on the test split."""
    if metrics is None:
        return None, None
    return metrics[TEST]["balanced"], metrics[TEST]["groups"]["many_medium_few"]["few"]
