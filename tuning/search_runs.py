"""The run or runs that a search works on, and stage two on the runs that are trained with its best values."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from decouple.errors import ConfigError
from decouple.files.replicates import find_runs, first_replicates
from decouple.files.run_checks import require_finished
from decouple.files.run_dir import RunDir
from decouple.files.run_lookup import find_run, list_damaged_runs, list_runs
from decouple.log import logger
from decouple.lookup import look_up
from decouple.reporting.run_figures import draw_stage1, draw_stage2
from decouple.reporting.stage1_summary import stage1_seeds_summary, stage1_summary
from decouple.reporting.stage2_summary import stage2_seeds_summary, stage2_summary
from decouple.reporting.terminal import Block
from stage1.run import start_run
from stage1.settings import Stage1Config
from stage2.fit_seeds import fit_over_seeds
from stage2.methods import METHODS
from stage2.methods.tau import GRID
from stage2.run_methods import run_stage2
from stage2.settings import ALL, Stage2Config
from tuning.held_out_tau import SHARE
from tuning.settings import Stage2SearchConfig, TauConfig, TrainingSearchConfig
from tuning.tau import TAU, tune_tau
from tuning.trial_training import base_run


def feature_search_runs(config: TauConfig | Stage2SearchConfig) -> list[RunDir]:
    """Return the run whose cached features are searched, or of the runs of several seeds as many as `config.seeds`.

    Raises:
        ConfigError: there are fewer.
        RunError: there is no such run, or one is not finished.
    """
    runs = [find_run(None, config.runs)] if config.run is None else find_runs(config.run, config.runs)
    return [require_finished(run) for run in (first_replicates(runs, config.seeds) if len(runs) > 1 else runs)]


def training_search_run(config: TrainingSearchConfig, explicit: frozenset[str], *more_methods: str) -> RunDir:
    """Return the run to tune; where the latest was trained by an earlier call, the run that this call tuned.

    Where the folder has no run and none is named, one is trained first with the settings of a bare `decouple stage1`.

    Args:
        config: settings of the search.
        explicit: names of the settings that the user gave.
        more_methods: allowed values of `config.stage2` beside the methods and "all".

    Raises:
        ConfigError: settings contradict each other, or there is no such stage-two method.
        RunError: there is no such run, or it is not finished.
    """
    if config.folds and "holdout" in explicit:
        raise ConfigError(f"`folds={config.folds}` takes the place of `holdout`; give one of them")
    if config.seeds > 1 and config.no_retrain:
        raise ConfigError(
            f"`seeds={config.seeds}` says how often to train with the best values, and `no_retrain` not to; "
            "give one of them"
        )
    look_up(dict.fromkeys((*METHODS, ALL, *more_methods)), config.stage2, "stage-2 method")
    if config.run is None and has_no_run(config.runs):
        return _first_run(config)
    run = find_run(config.run, config.runs)
    return require_finished(base_run(run) if config.run is None else run)


def has_no_run(folder: str) -> bool:
    """Return whether a folder is missing or holds no run, damaged ones included."""
    return (
        not (Path(folder) / "run.json").exists() and not list_runs(Path(folder)) and not list_damaged_runs(Path(folder))
    )


def first_run_settings(config: TrainingSearchConfig) -> Stage1Config:
    """Return the settings of the run that a search trains itself where there is none: the defaults."""
    return Stage1Config(runs=config.runs, device=config.device, log=config.log)


def _first_run(config: TrainingSearchConfig) -> RunDir:
    settings = first_run_settings(config)
    logger.info(f"there is no run in {config.runs}: training one first, as `decouple stage1` does ({settings.data})")
    run = start_run(settings)
    draw_stage1(run)
    return run


def finish_retrained(
    runs: Sequence[RunDir], method: str, device: str, hyperparameters: Mapping[str, Any]
) -> list[Block]:
    """Fit stage two on the runs that were trained with the best values, draw both stages and return their summary.

    Args:
        runs: one run, those of several seeds, or none.
        method: a stage-two method, or "all".
        device: where features are computed.
        hyperparameters: of the best trial, for runs without a validation split to select them on.

    Raises:
        DecoupleError: see `run_stage2`.
    """
    if not runs:
        return []
    for run in runs:
        draw_stage1(run)
    config = Stage2Config(method=method, device=device)
    has_validation = "val" in runs[0].read_results().stage1["last"].metrics
    if method == TAU and not has_validation and not hyperparameters:
        return _finish_held_out(runs, device)
    if not has_validation:
        config = dataclasses.replace(config, **hyperparameters)
    if len(runs) > 1:
        _, rows = fit_over_seeds(runs, config)
        names, summary = list(rows), [*stage1_seeds_summary(runs), *stage2_seeds_summary(runs, rows)]
    else:
        names = run_stage2(runs[0], config)
        summary = [*stage1_summary(runs[0]), *stage2_summary(runs[0], "last", names)]
    for run in runs:
        draw_stage2(run, "last", names)
    return summary


def _finish_held_out(runs: Sequence[RunDir], device: str) -> list[Block]:
    """Give each run the tau of a companion that is trained on four fifths of its images; return the summary."""
    logger.info(
        f"the runs have no validation split: tau is chosen on {100 * SHARE:g} % of the training images, held out from "
        "one more training of each"
    )
    for run in runs:
        tune_tau(run, TauConfig(holdout=SHARE, search="grid", trials=len(GRID), device=device))
        draw_stage2(run, "last", [TAU])
    if len(runs) == 1:
        return [*stage1_summary(runs[0]), *stage2_summary(runs[0], "last", [TAU])]
    rows = {TAU: [run.read_stage2("last")[TAU].metrics["test"] for run in runs]}
    return [*stage1_seeds_summary(runs), *stage2_seeds_summary(runs, rows)]
