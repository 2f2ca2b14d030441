"""Training of 1, 2, 4 and 8 ResNet-32 at once on this machine, against one alone: images a second of all.

Each run is a process with its share of the cores, like the workers of a search; on a GPU all share the card. All train
for the same length of time, which begins when the last of them has finished its first epoch.
"""

import multiprocessing
import os
import time
from multiprocessing.synchronize import Barrier
from typing import Any

import torch

from benchmarks.cifar_size import QUICK, cifar_config, glyph_data
from benchmarks.epoch import own_epoch
from benchmarks.machine import num_cores
from benchmarks.table import Row, run_alone
from decouple.datasets.data import Data
from stage1.prepare import make_training
from stage1.trainer import Training, train_epoch

RUN_COUNTS = (1, 2, 4, 8)
SECONDS, QUICK_SECONDS = 30.0, 8.0
MAX_WAIT = 600.0  # seconds that a process waits for the others


def rows(quick: bool) -> list[Row]:
    """Measure on glyphs of a fifth of the size of CIFAR-10-LT."""
    data, seconds = glyph_data(QUICK), QUICK_SECONDS if quick else SECONDS
    settings = {"compile": torch.cuda.is_available()}  # as usual on a GPU
    table: list[Row] = []
    for runs in RUN_COUNTS:
        rates = throughputs(data, runs, seconds, **settings)
        total = sum(rates)
        alone = total if not table else table[0]["images/s"]
        table.append(
            {
                "what": f"{runs} at once, {threads_each(runs)} threads each",
                "images/s": total,
                "ratio": total / alone,
                "spread": f"{min(rates):.0f}-{max(rates):.0f} images/s",
                "bar": None,
            }
        )
    return table


def threads_each(runs: int) -> int:
    """Return how many CPU threads a run gets; the same as `tuning.process_pool.threads_per_worker`."""
    return max(1, num_cores() // runs)


def throughputs(data: Data, runs: int, seconds: float, **settings: Any) -> list[float]:
    """Return images a second of each of `runs` trainings at once, of the usual config changed by `settings`."""
    spawned, threads = multiprocessing.get_context("spawn"), threads_each(runs)
    ready, answers = spawned.Barrier(runs), spawned.SimpleQueue()
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = str(threads)  # libraries read it while they are loaded
    try:
        work = (data, threads, seconds, settings, ready, answers)
        processes = [spawned.Process(target=_work, args=(seed, *work), daemon=True) for seed in range(runs)]
        for process in processes:
            process.start()
    finally:
        del os.environ["OMP_NUM_THREADS"]
        if before is not None:
            os.environ["OMP_NUM_THREADS"] = before
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        raise RuntimeError(f"one of {runs} runs at once failed; see its error above")
    return [answers.get() for _ in processes]


def _work(
    seed: int, data: Data, threads: int, seconds: float, settings: dict[str, Any], ready: Barrier, answers: Any
) -> None:
    torch.set_num_threads(threads)
    training = make_training(cifar_config(epochs=10_000, seed=seed, **settings), data)
    own_epoch(training)  # warm-up
    ready.wait(MAX_WAIT)
    answers.put(images_per_second(training, seconds))


def images_per_second(training: Training, seconds: float) -> float:
    """Train for a number of seconds without validation; return images a second."""
    started, images = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        train_epoch(training, lambda *_: None, lambda: time.perf_counter() - started >= seconds)
        images += int(training.totals[2])
        training.epoch, training.step = training.epoch + 1, 0
        training.totals.zero_()
    return images / (time.perf_counter() - started)


if __name__ == "__main__":
    run_alone(__doc__, rows)
