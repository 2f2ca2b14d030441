"""`decouple tune joint`."""

from decouple.commands.search_report import show_search
from decouple.commands.tune_weight_decay import finish, tuned_run
from decouple.config import Parsed
from decouple.report.search_figures import draw_search
from tuning.joint import tune_joint
from tuning.settings import JointConfig


def run(parsed: Parsed[JointConfig]) -> None:
    """Do it."""
    settings = parsed.settings
    chosen = tuned_run(parsed)
    tuned = tune_joint(chosen, settings)
    draw_search(chosen, settings.study)
    show_search(chosen, settings.study)
    finish(tuned.runs, settings, tau=tuned.tau)
