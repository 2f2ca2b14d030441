"""The row of a run in the list of runs."""

from collections.abc import Mapping
from dataclasses import dataclass

from decouple.config.yaml_file import read_yaml
from decouple.datasets.data import TEST, VAL
from decouple.evaluation.metrics import Metrics
from decouple.files.results import Results
from decouple.files.run_checks import require_complete, settings_are_edited
from decouple.files.run_dir import RunDir
from decouple.files.run_lookup import present_status
from decouple.files.run_manifest import FINISHED
from decouple.reporting.chosen_method import NO_METHOD
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
    stage2_method: str | None = None  # the recommended one, else the best on validation; none: stage one's classifier
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
    method, metrics = _stage2_headline(results)
    balanced, few = _headline(None if stage1 is None else stage1.metrics)
    method_balanced, method_few = _headline(metrics)
    return RunSummary(
        run=run.name,
        status=present_status(run),
        settings_edited=settings_are_edited(run),
        data=settings.get("data"),
        model=settings.get("model"),
        stage1_balanced=balanced,
        stage1_few=few,
        stage2_method=method,
        stage2_balanced=method_balanced,
        stage2_few=method_few,
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


def _stage2_headline(results: Results) -> tuple[str | None, Mapping[str, Metrics] | None]:
    """Return the recommended classifier and its metrics; in results without one, the best on validation."""
    recommended = results.recommended
    if recommended is not None:
        entries, stage1 = results.stage2.get(recommended.checkpoint, {}), results.stage1.get(recommended.checkpoint)
        if recommended.method in entries:
            return recommended.method, entries[recommended.method].metrics
        if recommended.method == NO_METHOD and stage1 is not None:
            return NO_METHOD, stage1.metrics
    metrics = {name: entry.metrics for name, entry in results.stage2.get("last", {}).items() if VAL in entry.metrics}
    best = max(metrics, key=lambda name: round(metrics[name][VAL]["balanced"], 9), default=None)
    return best, metrics[best] if best else None


def _headline(metrics: Mapping[str, Metrics] | None) -> tuple[float | None, float | None]:
    """Return balanced and few-shot accuracy on the test split."""
    if metrics is None:
        return None, None
    return metrics[TEST]["balanced"], metrics[TEST]["groups"]["many_medium_few"]["few"]
