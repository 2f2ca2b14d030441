"""`decouple tune tau`."""

from decouple.commands.search_report import show_search
from decouple.commands.stage2 import show
from decouple.config import Parsed
from decouple.report.run_figures import draw_stage2
from decouple.report.search_figures import draw_search
from decouple.run_dir import find_run, require_finished
from tuning.settings import TauConfig
from tuning.tau import tune_tau


def run(parsed: Parsed[TauConfig]) -> None:
    """Do it."""
    settings = parsed.settings
    chosen = require_finished(find_run(settings.run, settings.runs))
    tune_tau(chosen, settings)
    draw_search(chosen, settings.study_name)
    draw_stage2(chosen, settings.weights, ["tau"])
    show_search(chosen, settings.study_name)
    show(chosen, settings.weights, ["tau"])
