"""`decouple tune joint`: search stage one with stage two tuned in every trial, then train with the best values."""

from decouple.config.command_line import Parsed
from decouple.reporting.output import emit, show
from decouple.reporting.plan_output import emit_plan
from decouple.reporting.result_records import run_record, search_record, trial_rows
from decouple.reporting.search_figures import draw_search
from decouple.reporting.search_summary import search_summary
from stage2.settings import ALL
from tuning.dry_run import training_search_plan
from tuning.joint import tune_joint
from tuning.search_runs import finish_retrained, training_search_run
from tuning.settings import BEST, JointConfig


def run(parsed: Parsed[JointConfig]) -> None:
    """Search, print and draw the trials, and train with the best values."""
    settings = parsed.settings
    if parsed.call.dry_run:
        emit_plan(parsed.call, training_search_plan(settings, parsed.explicit, BEST))
        return
    base = training_search_run(settings, parsed.explicit, BEST)
    tuned = tune_joint(base, settings)
    draw_search(base, settings.study)
    show(parsed.call, *search_summary(base, settings.study))
    method = tuned.method if settings.stage2 == BEST else settings.stage2
    hyperparameters = tuned.hyperparameters if method in (tuned.method, ALL) else {}
    summary = finish_retrained(tuned.runs, method, settings.device, hyperparameters)
    record = search_record([base], settings.study, [run_record(run) for run in tuned.runs])
    emit(parsed.call, summary, record=record, rows=trial_rows(record.searches))
