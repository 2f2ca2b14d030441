"""`decouple tune weight-decay`."""

from decouple.commands.search_report import show_search
from decouple.commands.stage1 import show
from decouple.config import Parsed
from decouple.report.run_figures import draw_search, draw_stage1
from decouple.run_dir import find_run, require_finished
from tuning.settings import WeightDecayConfig
from tuning.weight_decay import base_of, tune_weight_decay


def run(parsed: Parsed[WeightDecayConfig]) -> None:
    """Do it."""
    settings = parsed.settings
    chosen = find_run(settings.run, settings.runs)
    if settings.run is None:
        chosen = base_of(chosen)  # the latest run may be the one that an earlier call trained
    retrained = tune_weight_decay(require_finished(chosen), settings)
    draw_search(chosen, settings.study)
    show_search(chosen, settings.study)
    if retrained is not None:
        draw_stage1(retrained)
        show(retrained)
