"""Stage two on cached features against plain code: `python -m benchmarks.stage2 [--quick] [--large]`.

(a) every method on cached features against the usual way, which runs the frozen backbone on augmented images anew in
each of 10 epochs; glyphs stand in for CIFAR, at its size. (b) 101 values of tau against a matrix product for each. (c)
with --large: features of the size of iNaturalist 2018, in time, memory and accuracy. What both ways need alike, the
features of the test images, is in neither time.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from benchmarks.frozen_backbone import train_through_backbone
from benchmarks.large_features import large_rows
from benchmarks.measure import compare
from decouple.datasets.data import TEST, TRAIN, VAL
from decouple.features import Features
from decouple.head import Head
from decouple.report.tables import console, rows_table
from decouple.run_dir import RunDir
from decouple.scoring import score
from stage1.checkpoint import load_weights
from stage1.extract import cache_features, extract
from stage1.run import open_training, start_run
from stage1.settings import Stage1Config
from stage2.cached import stage_one_head
from stage2.methods import METHODS
from stage2.run import make_method
from stage2.settings import Stage2Config
from stage2.tau import GRID, tau_recalls

EPOCHS = 10  # of the classifier, in both ways


def main() -> None:
    """Measure and print."""
    asked = _arguments()
    torch.set_num_threads(asked.threads)
    rows = []
    if not asked.large:
        with tempfile.TemporaryDirectory() as folder:
            rows += _backbone_rows(asked, folder)
        rows.append(_tau_row(5 if asked.quick else 9))
    else:
        rows += large_rows(asked.quick)
    shown = [
        {name: f"{value:.4g}" if isinstance(value, float) else value for name, value in row.items()} for row in rows
    ]
    console().print(rows_table(shown, best=None))
    if asked.csv:
        pd.DataFrame(rows).to_csv(asked.csv, index=False)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a fifth of the images, or of the classes with --large")
    parser.add_argument("--large", action="store_true", help="the size of iNaturalist alone; minutes, and 4 GB")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--stage1-epochs", type=int, default=6)
    parser.add_argument("--csv", type=Path, help="file for the table")
    return parser.parse_args()


def _backbone_rows(asked: argparse.Namespace, folder: str) -> list[dict[str, Any]]:
    run = _trained(asked, folder)
    training = open_training(run, device="cpu")
    load_weights(run.weights("last"), training.network)
    test = extract(training.network, training.batches, training.batches.data.splits[TEST])
    num_classes = len(training.batches.data.class_names)
    reference = []
    for seed in range(asked.seeds):
        started = time.perf_counter()
        head = train_through_backbone(training, EPOCHS, seed)
        reference.append((time.perf_counter() - started, _balanced(head, test, num_classes)))
        print(f"reference, seed {seed}: {reference[-1][0]:.1f} s, balanced {reference[-1][1]:.2f} %", flush=True)
    extraction = []
    for _ in range(asked.seeds):
        started = time.perf_counter()
        splits = _extract_train(run, training)
        extraction.append(time.perf_counter() - started)
    rows = [_row("reference, 10 epochs", [s for s, _ in reference], [b for _, b in reference], reference)]
    head = stage_one_head(run, "last")
    for name in ("crt", *(name for name in METHODS if name not in ("none", "crt"))):
        seconds, balanced = [], []
        for seed in range(asked.seeds):
            started = time.perf_counter()
            fitted = make_method(name, Stage2Config(seed=seed)).fit(head, splits)
            seconds.append(time.perf_counter() - started)
            balanced.append(_balanced(fitted.head, test, num_classes))
        if name == "crt":
            whole = [cost + fit for cost, fit in zip(extraction, seconds, strict=True)]
            rows.append(_row("crt with extraction", whole, balanced, reference))
        rows.append(_row(f"{name}, cached", seconds, balanced, reference))
    return rows


def _trained(asked: argparse.Namespace, folder: str) -> RunDir:
    """Return a stage-one run at the size of CIFAR-10-LT, 12,406 images of 32 x 32 pixels, or a fifth of it."""
    config = Stage1Config(
        data="glyphs",
        classes=10,
        ratio=100,
        max_count=1000 if asked.quick else 5000,
        model="resnet32",
        epochs=asked.stage1_epochs,
        batch_size=128,
        lr=0.1,
        runs=folder,
        device="cpu",
    )
    return start_run(config)


def _extract_train(run: RunDir, training: Any) -> dict[str, Features]:
    """Return the cached features of the training and validation images, made anew."""
    data = training.batches.data
    seen = {split: indices for split, indices in data.splits.items() if split in (TRAIN, VAL)}
    found = cache_features(run, "last", training.network, training.batches)
    return {split: found[split] for split in seen}


def _balanced(head: Head, test: Features, num_classes: int) -> float:
    return score(head, test, [1] * num_classes)["balanced"]


def _row(
    name: str, seconds: list[float], balanced: list[float], reference: list[tuple[float, float]]
) -> dict[str, Any]:
    ratios = [theirs / own for (theirs, _), own in zip(reference, seconds, strict=True)]
    return {
        "what": name,
        "seconds": statistics.median(seconds),
        "times as fast": statistics.median(ratios),
        "smallest": min(ratios),
        "largest": max(ratios),
        "balanced %": statistics.mean(balanced),
        "against reference": statistics.mean(balanced) - statistics.mean(value for _, value in reference),
        "sd over seeds": statistics.stdev(balanced) if len(balanced) > 1 else 0.0,
    }


def _tau_row(pairs: int) -> dict[str, Any]:
    """Compare 101 values of tau on 10,000 x 64 with a matrix product for each; the recalls are the same."""
    rng = torch.Generator().manual_seed(0)
    labels = torch.arange(10_000) % 10
    weight = torch.randn(10, 64, generator=rng) * torch.linspace(2, 0.5, 10)[:, None]
    found = Features(torch.randn(10_000, 64, generator=rng) + weight[labels], labels)
    head = Head("linear", weight, torch.zeros(10))
    theirs, ours = plain_tau_recalls(head, found), tau_recalls(head, found, GRID, False)
    different = (theirs - ours).abs().max().item()
    timed = compare(lambda: plain_tau_recalls(head, found), lambda: tau_recalls(head, found, GRID, False), pairs=pairs)
    return {
        "what": f"tau, 101 values (largest difference of a recall {different:.1g})",
        "seconds": timed.ours,
        "times as fast": timed.ratio,
        "smallest": timed.spread[0],
        "largest": timed.spread[1],
    }


def plain_tau_recalls(head: Head, found: Features) -> torch.Tensor:
    """Return (101, C) recalls as public code has it: rows scaled one by one, a product and a list for each value."""
    rows = []
    for tau in GRID:
        scaled = [row / row.norm() ** tau for row in head.weight]
        predicted: list[int] = []
        for batch in found.features.split(128):  # type: ignore[no-untyped-call]
            predicted.extend((batch @ torch.stack(scaled).T).argmax(dim=1).tolist())
        right = torch.tensor(predicted) == found.labels
        rows.append([right[found.labels == label].double().mean().item() for label in range(len(head.weight))])
    return torch.tensor(rows, dtype=torch.float64)


if __name__ == "__main__":
    main()
