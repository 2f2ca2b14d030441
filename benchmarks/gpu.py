"""The whole GPU table in one run under 9 minutes: training, a run of 200 epochs, stage two, a search.

ResNet-32 in batches of 128 at the size of CIFAR-10-LT, on drawn characters, with 10,000 validation images. `--toy` runs
the same program with a hundred images and one epoch, also on a CPU, to check that it works; its figures mean nothing.
The search is left out where Optuna is not installed, and so is whatever does not fit into `--minutes`; a row says so.
"""

import copy
import dataclasses
import importlib.util
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch

from benchmarks.cifar_size import cifar_config, glyph_data
from benchmarks.gpu_loops import Spent, autocast_way, own_way, plain_way
from benchmarks.gpu_profile import profile_rows
from benchmarks.measure import Comparison, from_pairs
from benchmarks.table import Row, limit_row, parser_of, ratio_row, show, write_csv
from decouple.datasets.data import TRAIN, VAL, Data
from decouple.memory import keep_freed_memory
from stage1.extract import extract
from stage1.prepare import make_training
from stage1.run import start_run
from stage1.trainer import Training
from stage2.candidates import make_method
from stage2.methods import METHODS
from stage2.selection import choose
from stage2.settings import Stage2Config

LOADER_BAR, AUTOCAST_BAR, IMAGES_BAR = 5.0, 2.0, 100_000
RUN_SECONDS, STAGE2_SECONDS, SEARCH_SECONDS = 30.0, 3.0, 240.0
PAPER_LIMIT = 4.3e12 / 9.5e6  # images/s of an H200: bytes/s of its memory over bytes an image, bf16, pointwise fused
MINUTES, TOY_MINUTES = 8.5, 60.0


@dataclass(frozen=True)
class Scale:
    """The size of the benchmark."""

    share: float  # of the images
    model: str
    epochs: int  # of a whole run
    measured: int  # epochs of each way, beside the first, which is not counted
    workers: int  # of the baseline's loader
    trials: int
    searchers: int  # processes of the search


FULL = Scale(1.0, "resnet32", 200, 5, 4, 12, 6)
TOY = Scale(0.01, "resnet20", 1, 1, 0, 2, 1)


class Clock:
    """The time that is left."""

    def __init__(self, minutes: float) -> None:
        self._end = time.monotonic() + 60 * minutes

    def left(self) -> float:
        """Return seconds."""
        return self._end - time.monotonic()


def main() -> None:
    """Measure and print; write the file after every row, so that finished rows survive a crash."""
    parser = parser_of(__doc__)
    parser.add_argument("--toy", action="store_true", help="tiny, to try the program; the same as --quick")
    parser.add_argument(
        "--minutes", type=float, help=f"for all of it; default: {MINUTES:g}, for the toy {TOY_MINUTES:g}"
    )
    arguments = parser.parse_args()
    keep_freed_memory()  # as the command line does
    toy = arguments.toy or arguments.quick
    table: list[Row] = []
    for row in _measure(toy, arguments.minutes):
        table.append(row)
        print(row, flush=True)
        if arguments.csv:
            write_csv(arguments.csv, table)
    show(table, (__doc__ or "").splitlines()[0], arguments.csv)


def rows(quick: bool) -> list[Row]:
    """Measure; `quick` is the toy."""
    return list(_measure(quick))


def _measure(toy: bool, minutes: float | None = None) -> Iterator[Row]:
    scale = TOY if toy else FULL
    clock = Clock(minutes or (TOY_MINUTES if toy else MINUTES))
    data = glyph_data(scale.share)

    def training(**settings: Any) -> Training:
        return make_training(cifar_config(model=scale.model, epochs=scale.epochs, **settings), data)

    yield from _loop_rows(scale, training)
    fast = training(compile=True)
    yield _whole_run(fast)
    yield from _stage2_rows(fast, data)
    exact = training(precision="fp32")
    guess = own_way(exact)().total or 0.0
    if guess * scale.epochs < clock.left():
        finish(exact)
        yield _accuracy_row(fast, exact)
    else:
        why = f"it would take {guess * scale.epochs:.0f} s, and {clock.left():.0f} s are left"
        yield _left_out("accuracy of a whole run, against eager float32", why)
    yield _search_row(scale, clock)


def _loop_rows(scale: Scale, training: Callable[..., Training]) -> Iterator[Row]:
    """Yield the comparisons of loops, and where the time of the fastest goes."""
    fast, images = training(compile=True), len(training().train)
    ways = {
        "plain": plain_way(training(precision="fp32"), scale.workers),
        "autocast": autocast_way(training()),
        "eager": own_way(training()),
        "compiled": own_way(fast),
    }
    first = {name: way() for name, way in ways.items()}
    yield {"what": "first epoch, with compilation", "ours (s)": first["compiled"].total, "bar": None}
    spent: dict[str, list[Spent]] = {name: [] for name in ways}
    for _ in range(scale.measured):
        for name, way in ways.items():
            spent[name].append(way())
    for name in ("eager", "compiled"):
        bar = LOADER_BAR if name == "compiled" else None
        what = f"epoch and validation, {name}, against plain code with {scale.workers} workers"
        yield ratio_row(what, _compared(spent["plain"], spent[name], "total"), bar)
        timed = _compared(spent["autocast"], spent[name], "train")
        bar = AUTOCAST_BAR if name == "compiled" else None
        yield ratio_row(f"epoch, {name}, against eager autocast", timed, bar, **_speeds(images / timed.ours))
    speed = images / _compared(spent["autocast"], spent["compiled"], "train").ours
    what = f"images/s in training, at least {IMAGES_BAR:,}"
    yield {"what": what, **_speeds(speed), "ratio": speed / IMAGES_BAR, "bar": 1.0}
    usual = statistics.median(epoch.total or 0.0 for epoch in spent["compiled"])
    yield limit_row(f"{scale.epochs} epochs, from {scale.measured}", scale.epochs * usual, RUN_SECONDS, "s")
    yield from profile_rows(fast)


def _compared(theirs: list[Spent], ours: list[Spent], part: str) -> Comparison:
    return from_pairs([(getattr(one, part), getattr(other, part)) for one, other in zip(theirs, ours, strict=True)])


def _speeds(images_per_second: float) -> dict[str, float]:
    return {"images/s": images_per_second, "% of an H200's paper limit": 100 * images_per_second / PAPER_LIMIT}


def _whole_run(training: Training) -> Row:
    """Train to the end; the seconds that the first epoch takes beyond the median are those of compilation."""
    seconds = finish(training)
    usual = statistics.median(seconds)
    what = f"{len(seconds)} epochs, run, after compilation"
    reached = {"balanced %": training.history[-1]["val_balanced"], "compilation (s)": seconds[0] - usual}
    return limit_row(what, sum(seconds[1:]) + usual, RUN_SECONDS, "s", **reached)


def finish(training: Training) -> list[float]:
    """Train for the epochs that are left; return the seconds of each, validation included."""
    way, seconds = own_way(training), []
    while not training.finished:
        seconds.append(way().total or 0.0)
    return seconds


def _stage2_rows(training: Training, data: Data) -> Iterator[Row]:
    """Yield seconds of all methods on cached features, and of the extraction before."""
    started = time.perf_counter()
    splits = {split: extract(training.network, training.batches, data.splits[split]) for split in (TRAIN, VAL)}
    yield {"what": "extraction of both splits", "ours (s)": time.perf_counter() - started, "bar": None}
    network = copy.deepcopy(training.network).cpu()
    started = time.perf_counter()
    for name in METHODS:
        choose([make_method(name, Stage2Config())], network.classifier.as_tensors(), splits)
    yield limit_row(f"stage two, {len(METHODS)} methods", time.perf_counter() - started, STAGE2_SECONDS, "s")


def _accuracy_row(fast: Training, exact: Training) -> Row:
    """Return the difference of balanced accuracy, and how large chance alone makes it in 95 of 100 cases."""
    ours, theirs = ((training.history[-1]["val_balanced"] or 0.0) / 100 for training in (fast, exact))
    images = len(fast.batches.data.splits[VAL])
    noise = 1.96 * (sum(share * (1 - share) for share in (ours, theirs)) / images) ** 0.5
    return {
        "what": "accuracy of a whole run, against eager float32",
        "float32 balanced %": 100 * theirs,
        "balanced %": 100 * ours,
        "noise": 100 * noise,
        "within noise": abs(ours - theirs) <= noise,
        "bar": None,
    }


def _search_row(scale: Scale, clock: Clock) -> Row:
    """Search the weight decay by the command, as a user would."""
    what = f"{scale.trials} trials of {scale.epochs} epochs, {scale.searchers} processes"
    if importlib.util.find_spec("optuna") is None:
        return _left_out(what, "Optuna is not installed")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:  # workers that were stopped may still write
        largest = max(100, round(5000 * scale.share))
        config = cifar_config(model=scale.model, ratio=min(100, largest / 10), max_count=largest)
        run = start_run(dataclasses.replace(config, epochs=1, compile=torch.cuda.is_available(), runs=folder))
        command_line = ["tune", "weight-decay", "--run", str(run.path), "--no-retrain"]
        numbers = {"trials": scale.trials, "epochs": scale.epochs, "workers": scale.searchers}
        options = [word for name, number in numbers.items() for word in (f"--{name}", str(number))]
        started = time.perf_counter()
        try:
            command = [sys.executable, "-m", "decouple", *command_line, *options]
            subprocess.run(command, check=True, timeout=max(1.0, clock.left()))
        except subprocess.TimeoutExpired:
            return _left_out(what, f"not done after {time.perf_counter() - started:.0f} s")
        return limit_row(what, time.perf_counter() - started, SEARCH_SECONDS, "s")


def _left_out(what: str, why: str) -> Row:
    return {"what": what, "bar": None, "left out": why}


if __name__ == "__main__":
    main()
