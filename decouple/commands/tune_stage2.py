"""`decouple tune stage2`."""

import dataclasses

from decouple.commands import stage2
from decouple.commands.search_runs import searched_runs, show_searches
from decouple.config.command_line import Parsed
from decouple.report.run_figures import draw_stage2
from decouple.report.search_figures import draw_search
from tuning.settings import Stage2SearchConfig
from tuning.stage2 import tune_stage2


def run(parsed: Parsed[Stage2SearchConfig]) -> None:
    """Do it."""
    settings = parsed.settings
    found = searched_runs(settings)
    fits = settings.seeds if len(found) == 1 else 1
    for place, chosen in enumerate(found):
        tuned = tune_stage2(chosen, dataclasses.replace(settings, seed=settings.seed + place, seeds=fits))
        draw_search(chosen, settings.study_name)
        draw_stage2(chosen, settings.weights, [settings.method])
    show_searches(found, settings.study_name, settings.weights, settings.method)
    if fits > 1:
        stage2.show_seeds(found, {settings.method: tuned.rows})
