"""`decouple tune tau`."""

import dataclasses

from decouple.commands.search_runs import searched_runs, show_searches
from decouple.config.command_line import Parsed
from decouple.errors import ConfigError
from decouple.report.run_figures import draw_stage2
from decouple.report.search_figures import draw_search
from tuning.settings import TauConfig
from tuning.tau import TARGET, tune_tau


def run(parsed: Parsed[TauConfig]) -> None:
    """Do it."""
    settings = parsed.settings
    found = searched_runs(settings)
    if len(found) < settings.seeds:
        raise ConfigError(
            f"--seeds {settings.seeds}: nothing is drawn where tau is applied, so there is nothing to repeat on one "
            f"run; name runs of several seeds with --run, as `decouple stage1 --seeds {settings.seeds}` trains them"
        )
    for place, chosen in enumerate(found):
        tune_tau(chosen, dataclasses.replace(settings, seed=settings.seed + place))
        draw_search(chosen, settings.study_name)
        draw_stage2(chosen, settings.weights, [TARGET])
    show_searches(found, settings.study_name, settings.weights, TARGET)
