"""Every loss on the same data, network, schedule and seed: `python -m benchmarks.losses [--quick]`.

Stage one on drawn characters with a long tail. Weights are those of the last epoch, the test split is balanced and read
once. A loss is worse than another here for these few epochs and default options; it is no ranking of the methods.
"""

import argparse
import multiprocessing
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from decouple.report.tables import console, rows_table
from stage1.losses import LOSSES
from stage1.run import start_run
from stage1.settings import Stage1Config

COLUMNS = ["loss", "first loss", "last loss", "first epoch", "top1", "balanced", "many", "medium", "few", "seconds"]


def main() -> None:
    """Train with every loss, each in a process of one thread, and print the table."""
    asked = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        runs = [(name, asked, f"{folder}/{name}") for name in asked.losses]
        spawned = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(asked.workers, mp_context=spawned) as pool:
            rows = list(pool.map(_train, runs))
    title = f"stage one, {asked.classes} glyph classes, ratio {asked.ratio}, {asked.model}, {asked.epochs} epochs"
    shown = [{name: _cell(value) for name, value in row.items()} for row in rows]
    console().print(f"{title}; accuracies on the balanced test split, %", highlight=False)
    console().print(rows_table(shown, best=None))
    if asked.csv:
        pd.DataFrame(rows).to_csv(asked.csv, index=False)


def _cell(value: object) -> object:
    return f"{value:.2f}" if isinstance(value, float) else value


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="3 epochs of 10 small classes")
    parser.add_argument("--classes", type=int, default=20)
    parser.add_argument("--ratio", type=float, default=50)
    parser.add_argument("--max-count", type=int, default=500)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--model", default="resnet20")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--losses", nargs="+", default=list(LOSSES), choices=list(LOSSES))
    parser.add_argument("--workers", type=int, default=max(1, multiprocessing.cpu_count() // 2))
    parser.add_argument("--csv", type=Path, help="file for the table")
    asked = parser.parse_args()
    if asked.quick:
        asked.classes, asked.max_count, asked.epochs = 10, 100, 3
    return asked


def _train(asked_for: tuple[str, argparse.Namespace, str]) -> dict[str, Any]:
    loss, asked, folder = asked_for
    torch.set_num_threads(1)
    config = Stage1Config(
        data="glyphs",
        classes=asked.classes,
        ratio=asked.ratio,
        max_count=asked.max_count,
        model=asked.model,
        epochs=asked.epochs,
        seed=asked.seed,
        loss=loss,
        runs=folder,
        device="cpu",
    )
    run = start_run(config)
    history = pd.read_csv(run.history)
    found = run.read_results()["stage1"]["last"]["test"]
    groups = found["groups"]["shots"]
    values = [
        loss,
        history["train_loss"].iloc[0],
        history["train_loss"].iloc[-1],
        history["val_balanced"].iloc[0],
        found["top1"],
        found["balanced"],
        groups["many"],
        groups["medium"],
        groups["few"],
        history["seconds"].sum(),
    ]
    return dict(zip(COLUMNS, values, strict=True))


if __name__ == "__main__":
    main()
