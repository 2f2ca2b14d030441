"""Every figure of a run, drawn from the files in its folder alone."""

import csv
from collections.abc import Mapping

from decouple.evaluation.metrics import Metrics
from decouple.files.data_record import DataRecord
from decouple.files.results import Results
from decouple.files.run_dir import RunDir
from decouple.report.class_distribution import draw_class_distribution
from decouple.report.confusion import draw_confusions
from decouple.report.hyperparameter_curve import draw_hyperparameter_curve
from decouple.report.method_comparison import draw_method_comparison
from decouple.report.per_class_accuracy import draw_per_class_accuracy
from decouple.report.training_curves import draw_training_curves
from decouple.report.weight_norms import draw_weight_norms

STAGE_ONE = "stage one"
SPLIT_TITLES = {"val": "validation", "test": "test", "test_longtailed": "long-tailed test"}


def rows_of(results: Results, checkpoint: str, split: str = "test") -> dict[str, Metrics]:
    """Return the metrics of each classifier on a split under a checkpoint: stage one, then each method."""
    rows = {STAGE_ONE: results.stage1[checkpoint].metrics[split]}
    return rows | {
        name: entry.metrics[split]
        for name, entry in results.stage2.get(checkpoint, {}).items()
        if entry.method != "none"
    }


def draw_stage1(run: RunDir) -> None:
    """Draw the class distribution, the training curves, and stage one's accuracy, weight norms and confusions."""
    data, results = run.read_data(), run.read_results()
    counts = {"training": data.group_counts}
    counts |= {SPLIT_TITLES[split]: per_class for split, per_class in data.split_counts.items()}
    draw_class_distribution(run.figure("class_distribution"), data.class_names, counts, data.groups)
    with run.history.open(encoding="utf-8", newline="") as opened:
        table = list(csv.DictReader(opened))
    history = {key: [float(row[key]) if row[key] else None for row in table] for key in table[0]}
    draw_training_curves(run.figure("training"), history)
    _draw_comparison(run, data, results, "last")
    _draw_confusions(run, data, rows_of(results, "last"), "last", [STAGE_ONE])


def draw_stage2(run: RunDir, checkpoint: str, names: list[str]) -> None:
    """Draw the methods `names` again, and the figures that compare all methods with stage one."""
    data, results = run.read_data(), run.read_results()
    rows, entries = rows_of(results, checkpoint), results.stage2[checkpoint]
    run.figure("any", checkpoint).parent.mkdir(exist_ok=True)
    _draw_comparison(run, data, results, checkpoint)
    _draw_confusions(run, data, rows, checkpoint, [name for name in names if name in rows])
    for name in names:
        path, curve = run.figure(f"{name}_curve", checkpoint), entries[name].curve
        if curve is None:  # the figure of an earlier selection is out of date
            path.unlink(missing_ok=True)
        else:
            selected = float(entries[name].selection.values[curve.hyperparameter])
            draw_hyperparameter_curve(path, curve.hyperparameter, curve.values, curve.accuracy, selected)


def _draw_comparison(run: RunDir, data: DataRecord, results: Results, checkpoint: str) -> None:
    counts, rows = data.group_counts, rows_of(results, checkpoint)
    accuracies = {name: row["per_class"] for name, row in rows.items()}
    draw_per_class_accuracy(run.figure("per_class_accuracy", checkpoint), data.class_names, counts, accuracies)
    norms = {STAGE_ONE: results.stage1[checkpoint].weight_norms or ()}
    norms |= {
        name: entry.weight_norms
        for name, entry in results.stage2.get(checkpoint, {}).items()
        if entry.method != "none" and entry.weight_norms  # none has stage one's
    }
    draw_weight_norms(run.figure("weight_norms", checkpoint), counts, norms)
    if len(rows) > 1:
        draw_method_comparison(run.figure("methods", checkpoint), rows)


def _draw_confusions(
    run: RunDir, data: DataRecord, rows: Mapping[str, Metrics], checkpoint: str, names: list[str]
) -> None:
    tables = {
        run.figure(f"confusion_{name.replace(' ', '_')}", checkpoint): table
        for name in names
        if (table := rows[name]["confusion"]) is not None
    }
    if tables:
        draw_confusions(tables, data.class_names)
