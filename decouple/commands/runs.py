"""`decouple runs`: the runs and how good they are."""

from pathlib import Path
from typing import Any, Literal

from rich.table import Table

from decouple.config import Parsed, read_yaml
from decouple.report.tables import console
from decouple.run_dir import RunDir, list_runs
from decouple.settings import RunsConfig

COLUMNS = ("run", "created", "status", "data", "model", "loss", "balanced", "few", "best method", "balanced", "few")


def run(parsed: Parsed[RunsConfig]) -> None:
    """Do it."""
    out = console()
    found = list_runs(Path(parsed.settings.runs))
    if not found:
        out.print(f"no runs in {parsed.settings.runs}; train one with `decouple stage1`", highlight=False)
        return
    title = f"runs in {parsed.settings.runs} (% on the test split)"
    table = Table(title=title, caption="balanced and few: first of stage one, then of the best stage-two method")
    for name in COLUMNS:
        justify: Literal["right", "left"] = "right" if name in ("balanced", "few") else "left"
        table.add_column(name, justify=justify, no_wrap=name != "run", overflow="fold")
    for each in found:
        table.add_row(*_row(each))
    out.print(table)


def _row(run: RunDir) -> list[str]:
    manifest, settings, results = run.read_manifest(), read_yaml(run.config), run.read_results()
    created = manifest["created"][:16].replace("T", " ")
    facts = [run.name, created, manifest["status"], settings["data"], settings["model"], settings["loss"]]
    stage1 = results.get("stage1", {}).get("last")
    methods = {name: entry for name, entry in results.get("stage2", {}).items() if name != "none"}
    best = max(methods, key=lambda name: methods[name]["test"]["balanced"], default=None)
    return [*facts, *_figures(stage1), best or "-", *_figures(methods.get(best) if best else None)]


def _figures(entry: dict[str, Any] | None) -> list[str]:
    if entry is None:
        return ["-", "-"]
    few = entry["test"]["groups"]["shots"]["few"]
    return [f"{entry['test']['balanced']:.2f}", "-" if few is None else f"{few:.2f}"]
