"""`decouple tune joint`."""

from decouple.commands.search_report import show_search
from decouple.commands.tune_weight_decay import finish, tuned_run
from decouple.config.command_line import Parsed
from decouple.report.search_figures import draw_search
from stage2.settings import ALL
from tuning.joint import tune_joint
from tuning.settings import BEST, JointConfig


def run(parsed: Parsed[JointConfig]) -> None:
    """Do it."""
    settings = parsed.settings
    chosen = tuned_run(parsed, ALL, BEST)
    tuned = tune_joint(chosen, settings)
    draw_search(chosen, settings.study)
    show_search(chosen, settings.study)
    method = tuned.method if settings.stage2 == BEST else settings.stage2
    hyperparameters = tuned.hyperparameters if method in (tuned.method, ALL) else {}
    finish(tuned.runs, method, settings.device, hyperparameters)
