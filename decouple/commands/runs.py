"""`decouple runs`: the runs and how good they are."""

import sys
from collections.abc import Mapping
from pathlib import Path

from decouple.config import Parsed, read_yaml
from decouple.datasets.data import TEST, VAL
from decouple.errors import DecoupleError
from decouple.evaluation.metrics import Metrics
from decouple.files.run_dir import RunDir, list_runs
from decouple.report.tables import console, rows_table
from decouple.settings import RunsConfig


def run(parsed: Parsed[RunsConfig]) -> None:
    """Do it."""
    out, folder = console(), parsed.settings.runs
    found = list_runs(Path(folder))
    if not found:
        out.print(f"no runs in {folder}; train one with `decouple stage1`", highlight=False)
        return
    out.print(rows_table([_row_or_damage(each) for each in found], best=None))
    out.print(
        f"runs in {folder}: {len(found)}, oldest first; balanced and few-shot accuracy on the test split, %; "
        "stage 2: the method that is best on validation",
        highlight=False,
        soft_wrap=True,
    )


def _row_or_damage(run: RunDir) -> dict[str, object]:
    """Return a run's row; one damaged run must not hide the others."""
    try:
        return _row(run)
    except DecoupleError as error:
        print(f"{run.name}: {error}", file=sys.stderr)
        return {"run": run.name, "status": "damaged"}


def _row(run: RunDir) -> dict[str, object]:
    manifest, settings, results = run.read_manifest(), read_yaml(run.config), run.read_results()
    stage1 = results.stage1.get("last")
    evaluated = {name: entry.metrics for name, entry in results.stage2.get("last", {}).items() if VAL in entry.metrics}
    best = max(evaluated, key=lambda name: round(evaluated[name][VAL]["balanced"], 9), default=None)
    balanced, few = _headline(None if stage1 is None else stage1.metrics)
    best_balanced, best_few = _headline(evaluated[best] if best else None)
    return {
        "run": run.name,
        "status": manifest.status,
        "data": settings["data"],
        "model": settings["model"],
        "stage 1": balanced,
        "few": few,
        "stage 2": best,
        "balanced": best_balanced,
        "its few": best_few,
    }


def _headline(metrics: Mapping[str, Metrics] | None) -> tuple[str | None, str | None]:
    """Return balanced and few-shot accuracy on the test split."""
    if metrics is None:
        return None, None
    few = metrics[TEST]["groups"]["many_medium_few"]["few"]
    return f"{metrics[TEST]['balanced']:.2f}", None if few is None else f"{few:.2f}"
