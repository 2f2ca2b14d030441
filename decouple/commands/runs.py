"""`decouple runs`: the runs and how good they are."""

import sys
from pathlib import Path
from typing import Any

from decouple.config import Parsed, read_yaml
from decouple.errors import DecoupleError
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
    stage1 = results.get("stage1", {}).get("last")
    judged = {name: entry for name, entry in run.read_stage2("last").items() if entry.get("val")}
    best = max(judged, key=lambda name: round(judged[name]["val"]["balanced"], 9), default=None)
    balanced, few = _figures(stage1)
    best_balanced, best_few = _figures(judged[best] if best else None)
    return {
        "run": run.name,
        "status": manifest["status"],
        "data": settings["data"],
        "model": settings["model"],
        "stage 1": balanced,
        "few": few,
        "stage 2": best,
        "balanced": best_balanced,
        "its few": best_few,
    }


def _figures(entry: dict[str, Any] | None) -> tuple[str | None, str | None]:
    if entry is None:
        return None, None
    few = entry["test"]["groups"]["many_medium_few"]["few"]
    return f"{entry['test']['balanced']:.2f}", None if few is None else f"{few:.2f}"
