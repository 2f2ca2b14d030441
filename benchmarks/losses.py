"""Every loss on the same data, network, schedule and seed: accuracies.

Stage one on drawn characters with a long tail. Weights are those of the last epoch, the test split is balanced and read
once. With few epochs and default options the table does not rank the methods.
"""

import argparse
import multiprocessing
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

import pandas as pd
import torch

from benchmarks.table import Row, parser_of, show
from decouple.memory import keep_freed_memory
from stage1.losses import LOSSES
from stage1.run import start_run
from stage1.settings import Stage1Config

COLUMNS = ["what", "first loss", "last loss", "first epoch", "top1", "balanced", "many", "medium", "few", "ours (s)"]


def main() -> None:
    """Train with every loss, and print the table."""
    options = _arguments()
    title = (
        f"stage one, {options.classes} glyph classes, ratio {options.ratio}, {options.model}, {options.epochs} epochs"
    )
    show(_rows(options), f"{title}; accuracies on the balanced test split, %", options.csv)


def rows(quick: bool) -> list[Row]:
    """Train with every loss and the default options."""
    return _rows(_arguments(["--quick"] if quick else []))


def _rows(options: argparse.Namespace) -> list[Row]:
    """Train, each in a process of one thread."""
    with tempfile.TemporaryDirectory() as folder:
        runs = [(name, options, f"{folder}/{name}") for name in options.losses]
        spawned = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(options.workers, mp_context=spawned) as pool:
            return list(pool.map(_train, runs))


def _arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = parser_of(__doc__)  # --quick: 3 epochs of 10 small classes
    parser.add_argument("--classes", type=int, default=20)
    parser.add_argument("--ratio", type=float, default=50)
    parser.add_argument("--max-count", type=int, default=500)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--model", default="resnet20")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--losses", nargs="+", default=list(LOSSES), choices=list(LOSSES))
    parser.add_argument("--workers", type=int, default=max(1, multiprocessing.cpu_count() // 2))
    options = parser.parse_args(argv)
    if options.quick:
        options.classes, options.max_count, options.epochs = 10, 100, 3
    return options


def _train(task: tuple[str, argparse.Namespace, str]) -> Row:
    loss, options, folder = task
    torch.set_num_threads(1)
    keep_freed_memory()  # as the command line does
    config = Stage1Config(
        data="glyphs",
        classes=options.classes,
        ratio=options.ratio,
        max_count=options.max_count,
        model=options.model,
        epochs=options.epochs,
        seed=options.seed,
        loss=loss,
        runs=folder,
        device="cpu",
    )
    run = start_run(config)
    history = pd.read_csv(run.history)
    metrics = run.read_results().stage1["last"].metrics["test"]
    groups = metrics["groups"]["many_medium_few"]
    values = [
        loss,
        history["train_loss"].iloc[0],
        history["train_loss"].iloc[-1],
        history["val_balanced"].iloc[0],
        metrics["top1"],
        metrics["balanced"],
        groups["many"],
        groups["medium"],
        groups["few"],
        history["seconds"].sum(),
    ]
    return {**dict(zip(COLUMNS, values, strict=True)), "bar": None}


if __name__ == "__main__":
    main()
