"""Stage two on cached features, against running the frozen backbone again in every epoch.

(a) Every method on cached features, against the usual procedure, which runs the frozen backbone on augmented images in
each of 10 epochs; glyphs stand in for CIFAR, at its size (a fifth with --quick). (b) 101 values of tau, against a
matrix product for each. Neither time includes the features of the test images, which both need.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence

import torch

from benchmarks.frozen_backbone import train_through_backbone
from benchmarks.machine import num_cores
from benchmarks.measure import compare, from_pairs
from benchmarks.plain_stage2 import plain_tau_recalls
from benchmarks.table import Row, parser_of, ratio_row, show
from decouple.classifier import Classifier
from decouple.datasets.data import TEST, TRAIN, VAL
from decouple.evaluation.scoring import score
from decouple.files.features import Features
from decouple.files.run_dir import RunDir
from decouple.memory import keep_freed_memory
from stage1.checkpoint import load_weights
from stage1.extract import extract
from stage1.run import open_training, start_run
from stage1.settings import Stage1Config
from stage1.trainer import Training
from stage2.candidates import make_method
from stage2.feature_cache import load_stage1_classifier
from stage2.methods import METHODS
from stage2.methods.tau import GRID, tau_recalls
from stage2.selection import choose
from stage2.settings import Stage2Config

EPOCHS = 10  # of the classifier, on both sides
CRT_BAR, CACHED_BAR, TAU_BAR = 15.0, 300.0, 40.0


def main() -> None:
    """Measure and print the table."""
    arguments = _arguments()
    keep_freed_memory()  # as the command line does
    show(_rows(arguments), (__doc__ or "").splitlines()[0], arguments.csv)


def rows(quick: bool) -> list[Row]:
    """Measure with the defaults: three seeds, or one."""
    return _rows(_arguments(["--quick"] if quick else []))


def _rows(arguments: argparse.Namespace) -> list[Row]:
    torch.set_num_threads(arguments.threads)
    with tempfile.TemporaryDirectory() as folder:
        backbone_rows = _backbone_rows(arguments, folder)
    return [*backbone_rows, _tau_row(5 if arguments.quick else 9)]


def _arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = parser_of(__doc__)
    parser.add_argument("--seeds", type=int, help="of the classifiers; default: 3, with --quick 1")
    parser.add_argument("--threads", type=int, default=num_cores())
    parser.add_argument("--stage1-epochs", type=int, help="default: 6, with --quick 3")
    arguments = parser.parse_args(argv)
    arguments.seeds = arguments.seeds or (1 if arguments.quick else 3)
    arguments.stage1_epochs = arguments.stage1_epochs or (3 if arguments.quick else 6)
    return arguments


def _backbone_rows(arguments: argparse.Namespace, folder: str) -> list[Row]:
    run = _trained(arguments, folder)
    training = open_training(run, device="cpu")
    load_weights(run.weights("last"), training.network)
    test = extract(training.network, training.batches, training.batches.data.splits[TEST])
    num_classes = len(training.batches.data.class_names)
    reference, extraction = [], []
    for seed in range(arguments.seeds):  # in turn, so that a busy minute of the machine hits both
        started = time.perf_counter()
        classifier = train_through_backbone(training, EPOCHS, seed)
        reference.append((time.perf_counter() - started, _balanced(classifier, test, num_classes)))
        started = time.perf_counter()
        splits = _extracted(training)
        extraction.append(time.perf_counter() - started)
        print(f"seed {seed}: reference {reference[-1][0]:.1f} s, extraction {extraction[-1]:.1f} s", flush=True)
    rows: list[Row] = []
    classifier = load_stage1_classifier(run, "last")
    for name in ("crt", *(name for name in METHODS if name not in ("none", "crt"))):
        seconds, balanced = [], []
        for seed in range(arguments.seeds):
            started = time.perf_counter()
            fitted = choose([make_method(name, Stage2Config(seed=seed))], classifier, splits)[1]
            seconds.append(time.perf_counter() - started)
            balanced.append(_balanced(fitted.classifier, test, num_classes))
        if name == "crt":
            with_extraction = [cost + fit for cost, fit in zip(extraction, seconds, strict=True)]
            rows.append(_row("crt with extraction", with_extraction, balanced, reference, CRT_BAR))
        bar = None if name == "crt" else CACHED_BAR
        rows.append(_row(f"{name}, cached", seconds, balanced, reference, bar))
    return rows


def _trained(arguments: argparse.Namespace, folder: str) -> RunDir:
    """Return a stage-one run at the size of CIFAR-10-LT, 12,406 images of 32 x 32 pixels, or a fifth of it."""
    config = Stage1Config(
        data="glyphs",
        classes=10,
        ratio=100,
        max_count=1000 if arguments.quick else 5000,
        model="resnet32",
        epochs=arguments.stage1_epochs,
        batch_size=128,
        lr=0.1,
        runs=folder,
        device="cpu",
    )
    return start_run(config)


def _extracted(training: Training) -> dict[str, Features]:
    """Return the features of the training images, and of those that hyper-parameters are chosen on."""
    batches = training.batches
    return {name: extract(training.network, batches, batches.data.splits[name]) for name in (TRAIN, VAL)}


def _balanced(classifier: Classifier, test: Features, num_classes: int) -> float:
    return score(classifier, test, [1] * num_classes)["balanced"]


def _row(
    name: str, seconds: list[float], balanced: list[float], reference: list[tuple[float, float]], bar: float | None
) -> Row:
    pairs = [(theirs, own) for (theirs, _), own in zip(reference, seconds, strict=True)]
    theirs = statistics.mean(value for _, value in reference)
    return ratio_row(
        name,
        from_pairs(pairs),
        bar,
        **{
            "reference balanced %": theirs,
            "balanced %": statistics.mean(balanced),
            "difference": statistics.mean(balanced) - theirs,
            "sd over seeds": statistics.stdev(balanced) if len(balanced) > 1 else None,
        },
    )


def _tau_row(pairs: int) -> Row:
    """Compare 101 values of tau on 10,000 x 64 with a matrix product for each; the recalls are the same."""
    rng = torch.Generator().manual_seed(0)
    labels = torch.arange(10_000) % 10
    weight = torch.randn(10, 64, generator=rng) * torch.linspace(2, 0.5, 10)[:, None]
    features = Features(torch.randn(10_000, 64, generator=rng) + weight[labels], labels)
    classifier = Classifier("linear", weight, torch.zeros(10))
    theirs, ours = plain_tau_recalls(classifier, features, GRID), tau_recalls(classifier, features, GRID, False)
    different = (theirs - ours).abs().max().item()
    timed = compare(
        lambda: plain_tau_recalls(classifier, features, GRID),
        lambda: tau_recalls(classifier, features, GRID, False),
        pairs=pairs,
    )
    what = f"tau curve of {len(GRID)} values on 10,000 x 64"
    return ratio_row(what, timed, TAU_BAR, **{"largest difference of a recall": different})


if __name__ == "__main__":
    main()
