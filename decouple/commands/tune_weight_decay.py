"""`decouple tune weight-decay`."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from decouple.commands import stage1, stage2
from decouple.commands.search_report import show_search
from decouple.config.command_line import Parsed
from decouple.errors import ConfigError
from decouple.files.run_checks import require_finished
from decouple.files.run_dir import RunDir
from decouple.files.run_lookup import find_run
from decouple.lookup import look_up
from decouple.report.run_figures import draw_stage1, draw_stage2
from decouple.report.search_figures import draw_search
from stage2.methods import METHODS
from stage2.run_methods import run_stage2
from stage2.settings import ALL, Stage2Config
from tuning.settings import TrainingSearchConfig, WeightDecayConfig
from tuning.training import base_of
from tuning.weight_decay import tune_weight_decay


def run(parsed: Parsed[WeightDecayConfig]) -> None:
    """Do it."""
    settings = parsed.settings
    chosen = tuned_run(parsed, ALL)
    retrained = tune_weight_decay(chosen, settings)
    draw_search(chosen, settings.study)
    show_search(chosen, settings.study)
    finish(retrained, settings.stage2, settings.device, {})


def tuned_run(parsed: Parsed[Any], *words: str) -> RunDir:
    """Return the run to tune; the latest may be the one that an earlier call trained.

    Raises:
        ConfigError: settings contradict each other, or --stage2 is neither a method nor one of `words`.
        RunError: there is no such run, or it is not finished.
    """
    settings: TrainingSearchConfig = parsed.settings
    if settings.folds and "holdout" in parsed.explicit:
        raise ConfigError(f"--folds {settings.folds} takes the place of --holdout; give one of them")
    if settings.seeds > 1 and settings.no_retrain:
        raise ConfigError(
            f"--seeds {settings.seeds} says how often to train with the best values, and --no-retrain not to; "
            "give one of them"
        )
    look_up(dict.fromkeys((*METHODS, *words)), settings.stage2, "stage-2 method")
    chosen = find_run(settings.run, settings.runs)
    return require_finished(base_of(chosen) if settings.run is None else chosen)


def finish(retrained: list[RunDir], method: str, device: str, hyperparameters: Mapping[str, Any]) -> None:
    """Run stage two on the runs that were trained with the best values, and show both stages; of several, the spread.

    `hyperparameters` are those of the best trial; they are used where a run has no validation split to choose them on.
    """
    if not retrained:
        return
    for each in retrained:
        draw_stage1(each)
    first = retrained[0]
    has_validation = "val" in first.read_results().stage1["last"].metrics
    config = Stage2Config(method=method, device=device)
    config = config if has_validation else dataclasses.replace(config, **hyperparameters)
    if len(retrained) > 1:
        stage1.show_seeds(retrained)
        stage2.over_seeds(retrained, config)
        return
    stage1.show(first)
    names = run_stage2(first, config)
    draw_stage2(first, "last", names)
    stage2.show(first, "last", names)
