"""`decouple stage2`: re-balance the classifier of a run and compare."""

from decouple.config import Parsed
from decouple.report.run_figures import STAGE_ONE, draw_stage2, rows_of
from decouple.report.tables import console, results_table
from decouple.run_dir import RunDir, find_run, require_finished
from stage2.run import make_method, run_stage2
from stage2.settings import ALL, Stage2Config


def run(parsed: Parsed[Stage2Config]) -> None:
    """Do it."""
    settings = parsed.settings
    if settings.method != ALL:
        make_method(settings.method, settings)  # a wrong name is said before a missing run
    chosen = require_finished(find_run(settings.run, settings.runs))
    names = run_stage2(chosen, settings)
    draw_stage2(chosen, names)
    show(chosen, names)


def show(finished: RunDir, names: list[str]) -> None:
    """Print stage one and the methods `names` side by side, what was chosen, and where everything is."""
    entries, out = finished.read_results()["stage2"], console()
    for split in ("test", "test_longtailed"):
        if split not in entries[names[0]]:
            continue
        rows = rows_of(finished, split)
        kept = {name: row for name, row in rows.items() if name == STAGE_ONE or name in names}
        if entries[names[0]]["weights"] == "best":
            kept[STAGE_ONE] = finished.read_results()["stage1"]["best"][split]
        title = f"{finished.name} on the {split.replace('_', ' ')} split, %"
        out.print(results_table(kept, title=title))
    for name in names:
        chosen = entries[name]["chosen"]
        if "by" in chosen:
            knobs = ", ".join(f"{knob} {value:g}" for knob, value in chosen.items() if knob != "by")
            out.print(f"{name}: {knobs}, by {chosen['by']}", highlight=False, soft_wrap=True)
    out.print(f"run: {finished.path}\nfigures: {finished.path / 'figures'}", highlight=False, soft_wrap=True)
