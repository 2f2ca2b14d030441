"""The row of a run in the list of runs."""

from collections.abc import Mapping

from decouple.config.yaml_file import read_yaml
from decouple.datasets.data import TEST, VAL
from decouple.evaluation.metrics import Metrics
from decouple.files.run_checks import require_complete, settings_are_edited
from decouple.files.run_dir import RunDir
from decouple.files.run_manifest import FINISHED


def run_row(run: RunDir) -> dict[str, object]:
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
    return {
        "run": run.name,
        "status": f"{manifest.status}, settings edited" if settings_are_edited(run) else manifest.status,
        "data": settings.get("data"),
        "model": settings.get("model"),
        "stage 1": balanced,
        "few": few,
        "stage 2": best,
        "balanced": best_balanced,
        "its few": best_few,
    }


def damaged_row(name: str) -> dict[str, object]:
    """Return the row of a run that cannot be read."""
    return {"run": name, "status": "damaged"}


def _headline(metrics: Mapping[str, Metrics] | None) -> tuple[str | None, str | None]:
    """Return balanced and few-shot accuracy on the test split."""
    if metrics is None:
        return None, None
    few = metrics[TEST]["groups"]["many_medium_few"]["few"]
    return f"{metrics[TEST]['balanced']:.2f}", None if few is None else f"{few:.2f}"
