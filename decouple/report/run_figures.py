"""Every figure of a run, drawn from the files in its folder alone."""

import csv
from pathlib import Path
from typing import Any

from decouple.files.run_dir import RunDir, read_json
from decouple.report.class_distribution import draw_class_distribution
from decouple.report.confusion import draw_confusions
from decouple.report.hyperparameter_curve import draw_hyperparameter_curve
from decouple.report.method_comparison import draw_method_comparison
from decouple.report.per_class_accuracy import draw_per_class_accuracy
from decouple.report.training_curves import draw_training_curves
from decouple.report.weight_norms import draw_weight_norms

STAGE_ONE = "stage one"
SPLIT_TITLES = {"val": "validation", "test": "test", "test_longtailed": "long-tailed test"}


def rows_of(run: RunDir, checkpoint: str, split: str = "test") -> dict[str, Any]:
    """Return a row of metrics per classifier on a split under a checkpoint: stage one, then each method."""
    rows = {STAGE_ONE: run.read_results()["stage1"][checkpoint][split]}
    return rows | {
        name: entry[split] for name, entry in run.read_stage2(checkpoint).items() if method_of(name, entry) != "none"
    }


def method_of(name: str, entry: dict[str, Any]) -> str:
    """Return the method of an entry of results.json, which a sweep may have given another name."""
    return str(entry.get("method", name))


def draw_stage1(run: RunDir) -> None:
    """Draw the class distribution, the training curves, and stage one's accuracy, weight norms and confusions."""
    data = read_json(run.data)
    counts = {"training": data["group_counts"]}
    counts |= {SPLIT_TITLES[name]: each for name, each in data["split_counts"].items()}
    draw_class_distribution(run.figure("class_distribution"), data["class_names"], counts, data["groups"])
    with run.history.open(encoding="utf-8", newline="") as opened:
        table = list(csv.DictReader(opened))
    history = {key: [float(row[key]) if row[key] else None for row in table] for key in table[0]}
    draw_training_curves(run.figure("training"), history)
    _draw_comparison(run, data, "last")
    _draw_confusions(run, data, "last", [STAGE_ONE])


def draw_stage2(run: RunDir, checkpoint: str, names: list[str]) -> None:
    """Draw the methods `names` again, and the figures that compare all methods with stage one."""
    data, rows, entries = read_json(run.data), rows_of(run, checkpoint), run.read_stage2(checkpoint)
    run.figure("any", checkpoint).parent.mkdir(exist_ok=True)
    _draw_comparison(run, data, checkpoint)
    _draw_confusions(run, data, checkpoint, [name for name in names if name in rows])
    for name in names:
        curve = run.figure(f"{name}_curve", checkpoint)
        if "curve" in entries[name]:
            _draw_curve(curve, entries[name])
        else:  # that of an earlier choice is no longer what the results say
            curve.unlink(missing_ok=True)


def _draw_curve(path: Path, entry: dict[str, Any]) -> None:
    """Draw the accuracies over the knob that the method chose: the one list that is named like a choice."""
    hyperparameter = next(name for name in entry["curve"] if name in entry["chosen"])
    curves = {name: values for name, values in entry["curve"].items() if name != hyperparameter}
    draw_hyperparameter_curve(
        path, hyperparameter, entry["curve"][hyperparameter], curves, entry["chosen"][hyperparameter]
    )


def _draw_comparison(run: RunDir, data: dict[str, Any], checkpoint: str) -> None:
    counts, rows = data["group_counts"], rows_of(run, checkpoint)
    accuracies = {name: row["per_class"] for name, row in rows.items()}
    draw_per_class_accuracy(run.figure("per_class_accuracy", checkpoint), data["class_names"], counts, accuracies)
    norms = {STAGE_ONE: run.read_results()["stage1"][checkpoint]["weight_norms"]}
    norms |= {
        name: entry["weight_norms"]
        for name, entry in run.read_stage2(checkpoint).items()
        # no weights of its own, means that are no weights
        if method_of(name, entry) not in ("none", "ncm") and entry["weight_norms"]
    }
    draw_weight_norms(run.figure("weight_norms", checkpoint), counts, norms)
    if len(rows) > 1:
        draw_method_comparison(run.figure("methods", checkpoint), rows)


def _draw_confusions(run: RunDir, data: dict[str, Any], checkpoint: str, names: list[str]) -> None:
    rows = rows_of(run, checkpoint)
    tables = {
        run.figure(f"confusion_{name.replace(' ', '_')}", checkpoint): rows[name]["confusion"]
        for name in names
        if rows[name]["confusion"] is not None
    }
    if tables:
        draw_confusions(tables, data["class_names"])
