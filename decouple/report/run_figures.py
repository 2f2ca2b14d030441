"""Every figure of a run, drawn from the files in its folder alone."""

import csv
from typing import Any

from decouple.report.class_distribution import draw_class_distribution
from decouple.report.confusion import draw_confusion
from decouple.report.method_comparison import draw_method_comparison
from decouple.report.per_class_accuracy import draw_per_class_accuracy
from decouple.report.tau_curve import draw_tau_curve
from decouple.report.training_curves import draw_training_curves
from decouple.report.tuning_history import draw_tuning_history
from decouple.report.weight_norms import draw_weight_norms
from decouple.run_dir import RunDir, read_json

STAGE_ONE = "stage one"
SPLIT_TITLES = {"val": "validation", "test": "test", "test_longtailed": "long-tailed test"}


def rows_of(run: RunDir, split: str = "test") -> dict[str, Any]:
    """Return a row of metrics per classifier on a split: stage one (last epoch), then each stage-two method."""
    results = run.read_results()
    rows = {STAGE_ONE: results["stage1"]["last"][split]}
    return rows | {name: entry[split] for name, entry in results.get("stage2", {}).items() if name != "none"}


def draw_run(run: RunDir) -> None:
    """Draw or redraw all figures that the run has results for."""
    data, results = read_json(run.data), run.read_results()
    names, counts = data["class_names"], data["group_counts"]
    stage2 = {name: entry for name, entry in results.get("stage2", {}).items() if name != "none"}
    _draw_distribution(run, data)
    with run.history.open(encoding="utf-8", newline="") as opened:
        table = list(csv.DictReader(opened))
    history = {key: [float(row[key]) if row[key] else None for row in table] for key in table[0]}
    draw_training_curves(run.figure("training"), history)
    rows = rows_of(run)
    draw_per_class_accuracy(
        run.figure("per_class_accuracy"), names, counts, {name: row["per_class"] for name, row in rows.items()}
    )
    norms = {STAGE_ONE: results["stage1"]["last"]["weight_norms"]}
    norms |= {name: entry["weight_norms"] for name, entry in stage2.items() if name != "ncm"}  # means are no weights
    draw_weight_norms(run.figure("weight_norms"), counts, norms)
    for name, row in rows.items():
        if row["confusion"] is not None:
            draw_confusion(run.figure(f"confusion_{name.replace(' ', '_')}"), names, row["confusion"])
    if stage2:
        draw_method_comparison(run.figure("methods"), rows)
    _draw_searches(run, results)


def _draw_distribution(run: RunDir, data: dict[str, Any]) -> None:
    counts = {"training": data["group_counts"]}
    counts |= {SPLIT_TITLES[name]: each for name, each in data["split_counts"].items()}
    draw_class_distribution(run.figure("class_distribution"), data["class_names"], counts, data["groups"])


def _draw_searches(run: RunDir, results: dict[str, Any]) -> None:
    tau = results.get("stage2", {}).get("tau", {})
    if "curve" in tau:
        curves = {name: values for name, values in tau["curve"].items() if name != "tau"}
        draw_tau_curve(run.figure("tau_curve"), tau["curve"]["tau"], curves, tau["chosen"]["tau"])
    for name, study in results.get("tuning", {}).items():
        values = [trial[study["parameter"]] for trial in study["trials"]]
        objectives = [trial["balanced"] for trial in study["trials"]]
        draw_tuning_history(
            run.figure(f"tuning_{name}"),
            values,
            objectives,
            name=study["parameter"].replace("_", " "),
            log=study["log"],
        )
