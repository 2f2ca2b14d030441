"""crt on cached features against the frozen backbone run in every epoch: accuracies over seeds.

Stage one is trained once, on drawn characters with a long tail. Then crt runs with one clean view and with four
augmented views of each image, both cached, and with the backbone run again on newly augmented images (`--views live`),
the reference. Draws and the new classifier's start are equal for equal seeds, so differences are taken seed by seed.
The test split is balanced; accuracies are in percent. Seconds are processor time, which other work on the machine
hardly changes: of the features of all splits (and views) with an empty cache, images read included; and of stage two,
the mean over seeds.
"""

import dataclasses
import math
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial

import torch

from benchmarks.learning import require_learning
from benchmarks.over_seeds import difference_columns, spread_columns
from benchmarks.table import Row, run_alone
from decouple.files.run_dir import RunDir
from stage1.run import start_run
from stage1.settings import Stage1Config
from stage2.feature_cache import load_features
from stage2.run_methods import run_stage2
from stage2.settings import Stage2Config

CLASSES = 10
LIVE = Stage2Config(method="crt", views="live", device="cpu")
CACHED = {
    "crt, clean image, cached": dataclasses.replace(LIVE, views=1),
    "crt, 4 views, cached": dataclasses.replace(LIVE, views=4),
}


def rows(quick: bool) -> list[Row]:
    """Train a stage one, then crt in three ways: over 5 seeds; `quick`: a small stage one, and over 2."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        run = start_run(_stage_one(folder, quick))
        seeds = range(2 if quick else 5)
        reference = crt(run, LIVE, seeds)
        table = [_stage_one_row(run)]
        for what, config in CACHED.items():
            ours = crt(run, config, seeds)
            require_learning(statistics.mean(reference["balanced"]), statistics.mean(ours["balanced"]), 100 / CLASSES)
            table.append(_row(what, ours, reference))
        return [*table, _row("crt, live", reference, reference)]


def crt(run: RunDir, config: Stage2Config, seeds: range) -> dict[str, list[float]]:
    """Fit with every seed; return test accuracies and seconds by seed, and the seconds of the cache once."""
    fresh = dataclasses.replace(config, refresh_features=True)
    values: dict[str, list[float]] = {"balanced": [], "few": [], "stage two (s)": []}
    values["features (s)"] = [_processor_seconds(lambda: load_features(run, fresh))]
    for seed in seeds:
        seeded = dataclasses.replace(config, seed=seed)
        values["stage two (s)"].append(_processor_seconds(partial(run_stage2, run, seeded)))
        metrics = run.read_results().stage2["last"]["crt"].metrics["test"]
        few = metrics["groups"]["many_medium_few"]["few"]
        values["balanced"].append(metrics["balanced"])
        values["few"].append(math.nan if few is None else few)
    return values


def _processor_seconds(call: Callable[[], object]) -> float:
    started = time.process_time()
    call()
    return time.process_time() - started


def _stage_one(folder: str, quick: bool) -> Stage1Config:
    return Stage1Config(
        data="glyphs",
        classes=CLASSES,
        ratio=50,
        max_count=100 if quick else 500,
        epochs=5 if quick else 20,
        batch_size=64,
        lr=0.1,
        runs=folder,
        precision="fp32",
        device="cpu",
    )


def _stage_one_row(run: RunDir) -> Row:
    metrics = run.read_results().stage1["last"].metrics
    return {
        "what": "stage one",
        "balanced on validation": metrics["val"]["balanced"],
        "balanced": metrics["test"]["balanced"],
        **metrics["test"]["groups"]["many_medium_few"],
    }


def _row(what: str, ours: dict[str, list[float]], reference: dict[str, list[float]]) -> Row:
    columns: Row = {"what": what}
    for name in ("balanced", "few"):
        columns |= spread_columns(name, ours[name])
        if ours is not reference:
            columns |= difference_columns(f"{name} - live", ours[name], reference[name])
    return columns | {name: statistics.mean(ours[name]) for name in ("features (s)", "stage two (s)")}


if __name__ == "__main__":
    run_alone(__doc__, rows)
