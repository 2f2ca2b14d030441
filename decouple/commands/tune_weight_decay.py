"""`decouple tune weight-decay`: search the weight decay of a run, then train both stages with the best value."""

from decouple.config.command_line import Parsed
from decouple.reporting.output import emit, show
from decouple.reporting.plan_output import emit_plan
from decouple.reporting.result_records import run_record, search_record, trial_rows
from decouple.reporting.search_figures import draw_search
from decouple.reporting.search_summary import search_summary
from tuning.dry_run import training_search_plan
from tuning.search_runs import finish_retrained, training_search_run
from tuning.settings import WeightDecayConfig
from tuning.weight_decay import tune_weight_decay


def run(parsed: Parsed[WeightDecayConfig]) -> None:
    """Search, print and draw the trials, and train with the best value."""
    settings = parsed.settings
    if parsed.call.dry_run:
        emit_plan(parsed.call, training_search_plan(settings, parsed.explicit))
        return
    base = training_search_run(settings, parsed.explicit)
    retrained = tune_weight_decay(base, settings)
    draw_search(base, settings.study)
    show(parsed.call, *search_summary(base, settings.study))
    summary = finish_retrained(retrained, settings.stage2, settings.device, {})
    record = search_record([base], settings.study, [run_record(run) for run in retrained])
    emit(parsed.call, summary, record=record, rows=trial_rows(record.searches))
