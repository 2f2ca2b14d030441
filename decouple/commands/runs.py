"""`decouple runs`: the runs and how good they are."""

import sys
from collections.abc import Mapping
from pathlib import Path

from decouple.config.command_line import Parsed
from decouple.config.command_settings import RunsConfig
from decouple.config.yaml_file import read_yaml
from decouple.datasets.data import TEST, VAL
from decouple.errors import DecoupleError
from decouple.evaluation.metrics import Metrics
from decouple.files.run_checks import settings_are_edited
from decouple.files.run_dir import RunDir
from decouple.files.run_lookup import list_damaged_runs, list_runs
from decouple.report.tables import console, rows_table


def run(parsed: Parsed[RunsConfig]) -> None:
    """Do it."""
    out, folder = console(), parsed.settings.runs
    runs, damaged = list_runs(Path(folder)), list_damaged_runs(Path(folder))
    if not runs and not damaged:
        out.print(f"no runs in {folder}; train one with `decouple stage1`", highlight=False)
        return
    rows = [_row_or_damage(run) for run in runs] + [_damaged_row(run.path.name, run.reason) for run in damaged]
    out.print(rows_table(rows, best=None))
    out.print(
        f"runs in {folder}: {len(rows)}, oldest first; balanced and few-shot accuracy on the test split, %; "
        "stage 2: the method that is best on validation",
        highlight=False,
        soft_wrap=True,
    )


def _row_or_damage(run: RunDir) -> dict[str, object]:
    """Return a run's row; one damaged run must not hide the others."""
    try:
        return _row(run)
    except (DecoupleError, OSError) as error:
        return _damaged_row(run.name, str(error))


def _damaged_row(name: str, reason: str) -> dict[str, object]:
    print(f"{name}: {reason}", file=sys.stderr)
    return {"run": name, "status": "damaged"}


def _row(run: RunDir) -> dict[str, object]:
    manifest, settings, results = run.read_manifest(), read_yaml(run.config), run.read_results()
    run.read_data()  # whether it is damaged
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


def _headline(metrics: Mapping[str, Metrics] | None) -> tuple[str | None, str | None]:
    """Return balanced and few-shot accuracy on the test split."""
    if metrics is None:
        return None, None
    few = metrics[TEST]["groups"]["many_medium_few"]["few"]
    return f"{metrics[TEST]['balanced']:.2f}", None if few is None else f"{few:.2f}"
