"""Stage two over several seeds: of fitting, on one run, or of both stages, on runs that differ in their seed."""

import dataclasses
from collections.abc import Sequence

from decouple.datasets.data import TEST
from decouple.evaluation.metrics import Metrics
from decouple.files.replicates import first_replicates
from decouple.files.results import SeedEntry, record_seed_metrics
from decouple.files.run_dir import RunDir
from stage2.run_methods import run_stage2
from stage2.settings import Stage2Config

SeedMetrics = dict[str, list[Metrics]]  # method -> its metrics on the test split, one for each seed


def fit_seeds(run: RunDir, config: Stage2Config) -> SeedMetrics:
    """Fit with the seeds `config.seed` and those after it; the run keeps the classifiers of `config.seed`.

    The metrics of every seed go into results.json, see `decouple.files.results.SeedEntry`.

    Raises:
        DecoupleError: see `run_stage2`.
    """
    rows: SeedMetrics = {}
    seeds = range(config.seed, config.seed + config.seeds)
    for seed in reversed(seeds):  # `config.seed` last, since each fit replaces the one before
        _fit(run, dataclasses.replace(config, seed=seed), rows)
        config = dataclasses.replace(config, refresh_features=False)
    rows = {name: metrics[::-1] for name, metrics in rows.items()}
    with run.lock():
        record_seeds(run, config.weights, seeds, rows)
    return rows


def record_seeds(run: RunDir, checkpoint: str, seeds: Sequence[int], rows: SeedMetrics) -> None:
    """Write the metrics of every seed under the weights `checkpoint`; the caller holds the run's lock."""
    for name, metrics in rows.items():
        entries = [
            SeedEntry(seed=seed, top1=row["top1"], balanced=row["balanced"], groups=row["groups"])
            for seed, row in zip(seeds, metrics, strict=True)
        ]
        record_seed_metrics(run.results, checkpoint, name, entries)


def fit_replicates(runs: Sequence[RunDir], config: Stage2Config) -> SeedMetrics:
    """Fit once on each of `runs`, which differ in their seed, or on the first `config.seeds` if that is above 1.

    The fit on the first run has the seed `config.seed`, the fit on the next run the seed after it, and so on.

    Raises:
        ConfigError: there are fewer runs.
        DecoupleError: see `run_stage2`.
    """
    rows: SeedMetrics = {}
    for index, run in enumerate(first_replicates(runs, config.seeds)):
        _fit(run, dataclasses.replace(config, seed=config.seed + index), rows)
    return rows


def _fit(run: RunDir, config: Stage2Config, rows: SeedMetrics) -> None:
    for name in run_stage2(run, dataclasses.replace(config, seeds=1)):
        rows.setdefault(name, []).append(run.read_stage2(config.weights)[name].metrics[TEST])


def fit_over_seeds(runs: Sequence[RunDir], config: Stage2Config) -> tuple[list[RunDir], SeedMetrics]:
    """Fit over several seeds: of fitting on a single run, else of both stages; return the fitted runs and metrics.

    Raises:
        DecoupleError: see `fit_seeds` and `fit_replicates`.
    """
    if len(runs) == 1:
        return [runs[0]], fit_seeds(runs[0], config)
    rows = fit_replicates(runs, config)
    return list(runs[: len(next(iter(rows.values())))]), rows
