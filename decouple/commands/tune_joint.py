"""`decouple tune joint`: search stage one with stage two tuned in every trial, then train with the best values."""

from decouple.config.command_line import Parsed
from decouple.report.search_figures import draw_search
from decouple.report.search_summary import search_summary
from decouple.report.terminal import render
from stage2.settings import ALL
from tuning.joint import tune_joint
from tuning.search_runs import finish_retrained, training_search_run
from tuning.settings import BEST, JointConfig


def run(parsed: Parsed[JointConfig]) -> None:
    """Search, print and draw the trials, and train with the best values."""
    settings = parsed.settings
    base = training_search_run(settings, parsed.explicit, BEST)
    tuned = tune_joint(base, settings)
    draw_search(base, settings.study)
    print(render(*search_summary(base, settings.study)), end="")
    method = tuned.method if settings.stage2 == BEST else settings.stage2
    hyperparameters = tuned.hyperparameters if method in (tuned.method, ALL) else {}
    print(render(*finish_retrained(tuned.runs, method, settings.device, hyperparameters)), end="")
