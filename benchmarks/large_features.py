"""Stage two at the size of iNaturalist 2018, on random features, against plain code.

437,513 x 2,048 in float16 and 8,142 classes; with --quick a tenth of the images and classes, except for the class
means, whose plain code depends most on the number of classes. At full size it takes 4 GB and minutes. Plain code: a
boolean mask for each class mean; a matrix product and a list of predictions for each tau; a linear layer with automatic
differentiation and torch's SGD. Both sides compute the tau curve on at most 4,096 test rows and crt with 65,536 draws.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from benchmarks.learning import require_learning
from benchmarks.measure import compare, peak_memory
from benchmarks.plain_stage2 import plain_classifier, plain_means, plain_tau_recalls
from benchmarks.samplers import make_labels
from benchmarks.table import Row, limit_row, ratio_row, run_alone
from decouple.classifier import Classifier
from decouple.files.features import CacheKey, Features, read_features, write_features
from decouple.files.tensor_files import TensorStream
from stage2.methods.crt import ClassifierRetraining
from stage2.methods.ncm import NearestClassMean, class_means
from stage2.methods.tau import TauNorm, tau_recalls

IMAGES, CLASSES, WIDTH, TESTED = 437_513, 8_142, 2_048, 24_426
TAUS = tuple(0.1 * step for step in range(21))
ROWS_CHUNK = 8192  # rows that are generated together
MAX_EXTRA_MB = 2_500  # MB beyond the file of features
BATCH, RATE = 512, 0.2  # of crt
MAX_ROWS, MAX_DRAWS = 4_096, 65_536  # of the comparison with plain code
MEANS_BAR, TAU_BAR, CRT_BAR = 4.0, 12.0, 2.0


def rows(quick: bool) -> list[Row]:
    """Measure time and memory of each method at full size, and then against plain code."""
    scale = 10 if quick else 1
    images, classes, tested = IMAGES // scale, CLASSES // scale, TESTED // scale
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        _write(path / "train", torch.from_numpy(make_labels(images, classes)), classes, 0)
        _write(path / "test", torch.arange(tested) % classes, classes, 1)
        size = (path / "train").stat().st_size / 1e6
        ways: list[tuple[str, Callable[..., Any]]] = [("class means", _ncm), ("tau curve", _tau), ("crt epoch", _crt)]
        memory_rows = []
        for name, way in ways:
            megabytes, (seconds, accuracy) = peak_memory(_nothing, partial(way, folder, classes))
            columns = {"ours (s)": seconds, "balanced %": accuracy, "MB beyond the file": megabytes - size}
            memory_rows.append(limit_row(f"{name}: peak memory", megabytes, size + MAX_EXTRA_MB, "MB", **columns))
        return memory_rows + _against_plain(*_open(folder), classes, 3 if quick else 2)


def _against_plain(train: Features, test: Features, classes: int, pairs: int) -> list[Row]:
    """Return a row for each method; where plain code would take minutes, both get the same subset."""
    few = Features(test.stored[:MAX_ROWS], test.labels[:MAX_ROWS])
    return [
        _means_row(Features(train.stored, _labels_of_all_classes(len(train.labels))), CLASSES, pairs),
        _tau_row(few, f"{len(few.labels):,} of {len(test.labels):,} rows", _tau_classifier(classes), pairs),
        _crt_row(_subset(train, MAX_DRAWS), test, classes, pairs),
    ]


def _means_row(train: Features, classes: int, pairs: int) -> Row:
    theirs, ours = plain_means(train, classes), class_means(train, classes)
    error = float((theirs - ours).norm() / theirs.norm())
    timed = compare(
        lambda: plain_means(train, classes), lambda: class_means(train, classes), pairs=pairs, warm_up=False
    )
    what = f"class means of {_size(train)}, {classes:,} classes"
    return ratio_row(what, timed, MEANS_BAR, **{"relative error": error})


def _labels_of_all_classes(images: int) -> Tensor:
    """Return labels with each of the 8,142 classes at least once."""
    some = torch.from_numpy(make_labels(IMAGES, CLASSES))[: images - CLASSES]
    labels = torch.cat([torch.arange(CLASSES), some])
    return labels[torch.randperm(images, generator=torch.Generator().manual_seed(0))]


def _tau_row(test: Features, subset: str, classifier: Classifier, pairs: int) -> Row:
    last: dict[str, Tensor] = {}

    def theirs() -> None:
        last["theirs"] = plain_tau_recalls(classifier, test, TAUS)

    def ours() -> None:
        last["ours"] = tau_recalls(classifier, test, TAUS, False)

    timed = compare(theirs, ours, pairs=pairs, warm_up=False)
    curves = {name: 100 * recalls.nanmean(dim=1) for name, recalls in last.items()}
    error = float((curves["theirs"] - curves["ours"]).abs().max())
    what = f"tau curve of {len(TAUS)} values, {subset}, {len(classifier.weight):,} classes"
    return ratio_row(what, timed, TAU_BAR, **{"largest difference of balanced %": error})


def _crt_row(subset: Features, test: Features, classes: int, pairs: int) -> Row:
    classifiers: dict[str, Classifier] = {}

    def theirs() -> None:
        classifiers["theirs"] = plain_classifier(subset, classes, lr=RATE, batch_size=BATCH)

    def ours() -> None:
        classifiers["ours"] = _retrained(subset, classes)

    timed = compare(theirs, ours, pairs=pairs, warm_up=False)
    reached = {name: _balanced(classifier, test) for name, classifier in classifiers.items()}
    require_learning(reached["theirs"], reached["ours"], 100 / classes)
    steps = -(-len(subset.labels) // BATCH)
    what = f"crt, {steps} steps of {BATCH} draws, {classes:,} classes"
    return ratio_row(what, timed, CRT_BAR, **{"plain balanced %": reached["theirs"], "balanced %": reached["ours"]})


def _subset(train: Features, count: int) -> Features:
    """Return `count` rows with every class among them, in memory; all rows where they are fewer."""
    if len(train.labels) <= count:
        return train
    order = torch.randperm(len(train.labels), generator=torch.Generator().manual_seed(0))
    firsts = torch.zeros(int(train.labels.max()) + 1, dtype=torch.int64)
    firsts[train.labels[order]] = order  # one image of each class, the last one written
    chosen = torch.cat([firsts, order[: count - len(firsts)]])
    return Features(train.stored[chosen], train.labels[chosen])


def _size(features: Features) -> str:
    return f"{len(features.stored):,} x {features.stored.shape[1]:,}"


def _nothing() -> None:
    """Prepare nothing: all memory counts."""


def _key(name: str) -> CacheKey:
    return CacheKey("none", "by chance", "none", name, "float16")


def _centres(classes: int) -> Tensor:
    return torch.randn(classes, WIDTH, generator=torch.Generator().manual_seed(7)) * 0.2


def _write(path: Path, labels: Tensor, classes: int, seed: int) -> None:
    """Write non-negative features, as after a ReLU, around a centre for each class."""
    centres, rng = _centres(classes), torch.Generator().manual_seed(seed)

    def chunks() -> Iterator[Tensor]:
        for start in range(0, len(labels), ROWS_CHUNK):
            rows_centres = centres[labels[start : start + ROWS_CHUNK]]
            yield (rows_centres + torch.randn(rows_centres.shape, generator=rng)).relu_()

    write_features(path, TensorStream((len(labels), WIDTH), torch.float16, chunks()), labels, _key(path.name))


def _open(folder: str) -> tuple[Features, Features]:
    train, test = (read_features(Path(folder) / name, _key(name)) for name in ("train", "test"))
    return train, test


def _balanced(classifier: Classifier, test: Features) -> float:
    correct = torch.cat(
        [classifier.logits(rows).argmax(dim=1) == labels for rows, labels in test.chunks(1024)]
    ).double()
    counts = torch.bincount(test.labels).double()
    return 100 * float((torch.zeros_like(counts).index_add_(0, test.labels, correct) / counts).mean())


def _ncm(folder: str, classes: int, _: None) -> tuple[float, float]:
    train, test = _open(folder)
    started = time.perf_counter()
    classifier = NearestClassMean().fit(Classifier("linear", torch.zeros(classes, WIDTH)), {"train": train}).classifier
    return time.perf_counter() - started, _balanced(classifier, test)


def _tau(folder: str, classes: int, _: None) -> tuple[float, float]:
    classifier = _tau_classifier(classes)
    test = _open(folder)[1]
    started = time.perf_counter()
    recalls = tau_recalls(classifier, test, TAUS, False)
    seconds = time.perf_counter() - started
    best = TAUS[int(recalls.nanmean(dim=1).argmax())]
    return seconds, _balanced(TauNorm(tau=best).fit(classifier, {}).classifier, test)


def _crt(folder: str, classes: int, _: None) -> tuple[float, float]:
    train, test = _open(folder)
    started = time.perf_counter()
    classifier = _retrained(train, classes)
    return time.perf_counter() - started, _balanced(classifier, test)


def _tau_classifier(classes: int) -> Classifier:
    return Classifier("linear", _centres(classes) * torch.linspace(2, 0.5, classes)[:, None])


def _retrained(train: Features, classes: int) -> Classifier:
    method = ClassifierRetraining(epochs=1, batch_size=BATCH, lr=RATE)
    return method.fit(Classifier("linear", torch.zeros(classes, WIDTH)), {"train": train}).classifier


if __name__ == "__main__":
    run_alone(__doc__, rows)
