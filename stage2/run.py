"""Stage two as an addition to a run: cached features and a method's name in, classifier and metrics out."""

import dataclasses
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from decouple.class_counts import class_groups
from decouple.datasets.data import TEST, TRAIN, VAL
from decouple.device import choose_device, use_fitting_threads
from decouple.errors import RunError
from decouple.features import Features
from decouple.head import Head, write_head
from decouple.lookup import look_up
from decouple.run_dir import RunDir, read_json, stage2_section
from decouple.scoring import score_splits
from decouple.statistics import compare_paired
from decouple.tensor_files import read_tensors
from stage1.checkpoint import load_weights
from stage1.extract import cache_features, read_cached, weights_fingerprint
from stage1.run import open_training
from stage2.fitted import Curve, Fitted
from stage2.methods import METHODS, Method
from stage2.settings import ALL, Stage2Config


def run_stage2(run: RunDir, config: Stage2Config) -> list[str]:
    """Fit the method that `config` names, or all of them; return the names of those in the results now.

    Raises:
        DecoupleError: see `features_of` and the methods' `fit`.
    """
    names = list(METHODS) if config.method == ALL else [config.method]
    methods = {name: make_method(name, config) for name in names}
    with run.lock():
        splits = features_of(run, config)
        head = stage_one_head(run, config.weights)
        skipped = {"tau"} if config.method == ALL and config.tau is None and VAL not in splits else set()
        for name in names:
            if name in skipped:
                print("tau is left out: it is chosen on a validation split, and this run has none (give --tau)")
                continue
            started = time.perf_counter()
            seen = {split: found for split, found in splits.items() if split in (TRAIN, VAL)}
            fitted = methods[name].fit(head, seen)
            record(run, config.weights, name, methods[name], fitted, splits, time.perf_counter() - started)
    return [name for name in names if name not in skipped]


def make_method(name: str, config: Stage2Config) -> Method:
    """Return the method with its settings taken from the options of the same names.

    Raises:
        ConfigError: no such method; the message holds the nearest name.
    """
    kind = look_up(METHODS, name, "stage-2 method")
    return kind(**{each.name: getattr(config, each.name) for each in dataclasses.fields(kind)})


def features_of(run: RunDir, config: Stage2Config) -> dict[str, Features]:
    """Return the features of every split: from the cache, or computed now and cached.

    Raises:
        RunError: the cache is damaged or belongs to other weights, the images have changed since training, or the run
            has no such weights.
        DataError: the images cannot be read.
    """
    use_fitting_threads(choose_device(config.device), read_json(run.data)["image_size"])
    cached = None if config.refresh_features else read_cached(run, config.weights)
    if cached is not None:
        return cached
    require_weights(run, config.weights)
    training = open_training(run, config.root, config.device)
    load_weights(run.weights(config.weights), training.network)
    return cache_features(run, config.weights, training.network, training.batches)


def require_weights(run: RunDir, which: str) -> None:
    """Check that the run has the weights `which`.

    Raises:
        RunError: it has no best weights.
    """
    if which == "best" and not run.weights(which).exists():
        raise RunError(f"{run.path} has no best weights, as it was trained without validation; use --weights last")


def stage_one_head(run: RunDir, which: str) -> Head:
    """Return the classifier that stage one trained.

    Raises:
        RunError: its file is missing or damaged.
    """
    tensors, facts = read_tensors(run.weights(which))
    weight, bias = tensors.get("classifier.weight"), tensors.get("classifier.bias")
    if weight is None or "scale" not in facts:
        raise RunError(f"{run.weights(which)} is damaged: it holds no classifier")
    if bias is None:
        return Head("cosine", weight, scale=facts["scale"])
    return Head("linear", weight, bias)


def record(
    run: RunDir, which: str, name: str, method: Method, fitted: Fitted, splits: Mapping[str, Features], seconds: float
) -> None:
    """Write a method's classifier, metrics, choices and comparison with stage one into the run."""
    counts = read_json(run.data)["group_counts"]
    write_head(run.head(which, name), fitted.head, weights_fingerprint(run, which))
    entry: dict[str, Any] = {
        "settings": dataclasses.asdict(method),
        "chosen": fitted.chosen,
        "seconds": round(seconds, 4),
        **score_splits(fitted.head, splits, counts),
    }
    if fitted.curve is not None:
        entry["curve"] = curve_by_group(fitted.curve, counts)
    entry["against_stage1"] = _compare(fitted.head, stage_one_head(run, which), splits[TEST])
    run.update_results(stage2_section(which), name, entry)


def curve_by_group(curve: Curve, group_counts: Sequence[int]) -> dict[str, list[float | None]]:
    """Return validation accuracies in percent over the knob's values: balanced, many, medium, few."""
    rows: dict[str, list[float | None]] = {curve.knob: list(curve.values)}
    groups = class_groups(np.asarray(group_counts, dtype=np.int64), "shots")
    for name, members in {"balanced": np.arange(len(group_counts)), **groups}.items():
        means = curve.recalls[:, members].nanmean(dim=1).tolist()
        rows[name] = [None if mean != mean else 100 * mean for mean in means]
    return rows


def _compare(head: Head, before: Head, test: Features) -> dict[str, Any]:
    """Compare with stage one on the same test images: paired bootstrap and exact McNemar."""
    right = [(each.logits(test.features).argmax(dim=1) == test.labels).numpy() for each in (head, before)]
    return dict(compare_paired(right[0], right[1], test.labels.numpy()))
