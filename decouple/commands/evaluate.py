"""`decouple evaluate`: run the saved network over the images again."""

from collections.abc import Mapping

import numpy as np

from decouple.config.command_line import Parsed
from decouple.config.command_settings import EvaluateConfig
from decouple.datasets.data import TEST, TRAIN
from decouple.device import restored_threads
from decouple.errors import ConfigError
from decouple.evaluation.metrics import Metrics
from decouple.evaluation.scoring import score
from decouple.files.features import Features, stored_dtype
from decouple.files.run_checks import require_finished
from decouple.files.run_dir import RunDir
from decouple.files.run_lookup import find_run
from decouple.files.run_manifest import FEATURES
from decouple.report.tables import class_table, console, results_table, rows_table
from stage1.checkpoint import load_weights
from stage1.extract import extract, read_cached
from stage1.run import open_training
from stage2.feature_cache import require_checkpoint
from stage2.saved_classifiers import load_saved_classifier, require_saved


@restored_threads()
def run(parsed: Parsed[EvaluateConfig]) -> None:
    """Do it."""
    settings = parsed.settings
    chosen = require_finished(find_run(settings.run, settings.runs))
    require_checkpoint(chosen, settings.weights)
    require_saved(chosen, settings.weights, settings.method)
    classifier = load_saved_classifier(chosen, settings.weights, settings.method)
    _show(chosen, settings, score(classifier, _features(chosen, settings), chosen.read_data().group_counts))


def _features(chosen: RunDir, settings: EvaluateConfig) -> Features:
    """Return the features of the split: of its images, or, in a run that has none, those that it was made of."""
    if chosen.read_manifest().kind == FEATURES:
        precision = stored_dtype(chosen.features(settings.weights, TEST)) or "float32"
        cached = read_cached(chosen, settings.weights, precision)
        _require_split(chosen, settings.split, cached)
        return cached[settings.split]
    training = open_training(chosen, settings.root, settings.device)
    _require_split(chosen, settings.split, training.batches.data.splits)
    load_weights(chosen.weights(settings.weights), training.network)
    return extract(training.network, training.batches, training.batches.data.splits[settings.split])


def _require_split(run: RunDir, split: str, splits: Mapping[str, object]) -> None:
    if split not in splits:
        known = ", ".join(name for name in splits if name != TRAIN)
        raise ConfigError(f"the run {run.path} has no split '{split}'; it has {known}")


def _show(run: RunDir, settings: EvaluateConfig, found: Metrics) -> None:
    out, data = console(), run.read_data()
    weights = f"{settings.weights} weights"
    title = f"{run.name}, {settings.method}, {weights}: {found['images']:,} images of {settings.split}, %"
    out.print(results_table({settings.method: found}, title=title))
    out.print(rows_table(_figures(found), best=None))
    accuracies = ["-" if value is None else f"{value:.2f}" for value in found["per_class"]]
    tested = np.asarray(data.split_counts[settings.split]).tolist()
    columns = {"train": data.class_counts, "tested": tested, "accuracy %": accuracies}
    out.print(class_table(data.class_names, columns))


def _figures(found: Metrics) -> list[dict[str, object]]:
    """Return a line for each figure, with its 95 % bootstrap interval where there is one."""
    intervals: dict[str, list[float] | None] = {
        "top1": found["intervals"]["top1"],
        "balanced": found["intervals"]["balanced"],
    }
    values: dict[str, float | None] = {
        name: found[name]
        for name in ("top1", "top5", "balanced", "macro_f1", "weighted_f1", "g_mean", "ece", "nll", "auc")
    }
    for scheme in ("many_medium_few", "thirds"):
        values |= found["groups"][scheme]
        intervals |= found["intervals"][scheme]
    lines: list[dict[str, object]] = []
    for name, value in values.items():
        digits, span = 4 if name in ("nll", "auc") else 2, intervals.get(name)
        shown = None if value is None else f"{value:.{digits}f}"
        lines.append(
            {"figure": name, "value": shown, "95 % interval": f"{span[0]:.2f} to {span[1]:.2f}" if span else None}
        )
    return lines
