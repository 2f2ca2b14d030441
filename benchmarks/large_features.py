"""Stage two at the size of iNaturalist 2018, on features made by chance: seconds, memory and accuracy."""

import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from benchmarks.measure import peak_memory
from benchmarks.samplers import make_labels
from decouple.features import CacheKey, Features, read_features, write_features
from decouple.head import Head
from decouple.tensor_files import Rows
from stage2.crt import ClassifierRetraining
from stage2.ncm import NearestClassMean
from stage2.tau import TauNorm, tau_recalls

IMAGES, CLASSES, WIDTH, TESTED = 437_513, 8_142, 2_048, 24_426
TAUS = tuple(0.1 * step for step in range(21))
AT_ONCE = 8192  # rows that are made together
ALLOWED = 2_500  # MB beyond the file of features


def large_rows(quick: bool) -> list[dict[str, Any]]:
    """Return a row for each of ncm, tau and crt; `quick` is a tenth of images and classes."""
    scale = 10 if quick else 1
    images, classes, tested = IMAGES // scale, CLASSES // scale, TESTED // scale
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        _write(path / "train", torch.from_numpy(make_labels(images, classes)), classes, 0)
        _write(path / "test", torch.arange(tested) % classes, classes, 1)
        size = (path / "train").stat().st_size / 1e6
        ways: list[tuple[str, Callable[..., Any]]] = [
            ("ncm: means, and balanced accuracy on the test rows", _ncm),
            (f"tau: {len(TAUS)} values on {tested:,} rows", _tau),
            ("crt: an epoch of 512 rows a step, and balanced accuracy", _crt),
        ]
        for name, way in ways:
            megabytes, (seconds, accuracy) = peak_memory(_nothing, partial(way, folder, classes))
            rows.append(
                {
                    "what": f"{name} ({images:,} x {WIDTH:,}, {classes:,} classes)",
                    "seconds": seconds,
                    "balanced %": accuracy,
                    "MB": megabytes,
                    "MB beyond the file": megabytes - size,
                    "allowed": ALLOWED,
                }
            )
            print(rows[-1], flush=True)
    return rows


def _nothing() -> None:
    """Prepare nothing: all memory counts."""


def _key(name: str) -> CacheKey:
    return CacheKey("none", "by chance", "none", name, "float16")


def _centres(classes: int) -> Tensor:
    return torch.randn(classes, WIDTH, generator=torch.Generator().manual_seed(7)) * 0.2


def _write(path: Path, labels: Tensor, classes: int, seed: int) -> None:
    """Write rows that are at least 0, as after a ReLU, around a centre for each class."""
    centres, rng = _centres(classes), torch.Generator().manual_seed(seed)

    def parts() -> Iterator[Tensor]:
        for start in range(0, len(labels), AT_ONCE):
            found = centres[labels[start : start + AT_ONCE]]
            yield (found + torch.randn(found.shape, generator=rng)).relu_()

    write_features(path, Rows((len(labels), WIDTH), torch.float16, parts()), labels, _key(path.name))


def _open(folder: str) -> tuple[Features, Features]:
    train, test = (read_features(Path(folder) / name, _key(name)) for name in ("train", "test"))
    return train, test


def _balanced(head: Head, test: Features) -> float:
    right = torch.cat([head.logits(rows).argmax(dim=1) == labels for rows, labels in test.chunks(1024)]).double()
    counts = torch.bincount(test.labels).double()
    return 100 * float((torch.zeros_like(counts).index_add_(0, test.labels, right) / counts).mean())


def _ncm(folder: str, classes: int, _: None) -> tuple[float, float]:
    train, test = _open(folder)
    started = time.perf_counter()
    head = NearestClassMean().fit(Head("linear", torch.zeros(classes, WIDTH)), {"train": train}).head
    return time.perf_counter() - started, _balanced(head, test)


def _tau(folder: str, classes: int, _: None) -> tuple[float, float]:
    head = Head("linear", _centres(classes) * torch.linspace(2, 0.5, classes)[:, None])
    test = _open(folder)[1]
    started = time.perf_counter()
    recalls = tau_recalls(head, test, TAUS, False)
    seconds = time.perf_counter() - started
    best = TAUS[int(recalls.nanmean(dim=1).argmax())]
    return seconds, _balanced(TauNorm(tau=best).fit(head, {}).head, test)


def _crt(folder: str, classes: int, _: None) -> tuple[float, float]:
    train, test = _open(folder)
    started = time.perf_counter()
    how = ClassifierRetraining(epochs=1, batch_size=512, lr=0.2)
    head = how.fit(Head("linear", torch.zeros(classes, WIDTH)), {"train": train}).head
    return time.perf_counter() - started, _balanced(head, test)
