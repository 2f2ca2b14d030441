"""`decouple tune tau`: search tau on the cached features of runs."""

import dataclasses

from decouple.config.command_line import Parsed
from decouple.errors import ConfigError
from decouple.report.run_figures import draw_stage2
from decouple.report.search_figures import draw_search
from decouple.report.search_summary import stage2_search_summary
from decouple.report.terminal import render
from tuning.search_runs import feature_search_runs
from tuning.settings import TauConfig
from tuning.tau import TAU, tune_tau


def run(parsed: Parsed[TauConfig]) -> None:
    """Search on each run, draw and print the trials and the classifiers with the best tau."""
    settings = parsed.settings
    runs = feature_search_runs(settings)
    if len(runs) < settings.seeds:
        raise ConfigError(
            f"--seeds {settings.seeds}: tau normalization is not random, so there is nothing to repeat on one run; "
            f"name runs of several seeds with --run, as `decouple stage1 --seeds {settings.seeds}` trains them"
        )
    for index, searched in enumerate(runs):
        tune_tau(searched, dataclasses.replace(settings, seed=settings.seed + index))
        draw_search(searched, settings.study_name)
        draw_stage2(searched, settings.weights, [TAU])
    print(render(*stage2_search_summary(runs, settings.study_name, settings.weights, TAU)), end="")
