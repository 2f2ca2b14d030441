"""`decouple tune stage2`: search the training of a stage-two method on the cached features of runs."""

import dataclasses

from decouple.config.command_line import Parsed
from decouple.reporting.output import emit
from decouple.reporting.plan_output import emit_plan
from decouple.reporting.result_records import run_record, search_record, trial_rows
from decouple.reporting.run_figures import draw_stage2
from decouple.reporting.search_figures import draw_search
from decouple.reporting.search_summary import stage2_search_summary
from decouple.reporting.stage2_summary import stage2_seeds_summary
from tuning.dry_run import feature_search_plan
from tuning.search_runs import feature_search_runs
from tuning.settings import Stage2SearchConfig
from tuning.stage2 import tune_stage2


def run(parsed: Parsed[Stage2SearchConfig]) -> None:
    """Search on each run, draw and print the trials and the classifiers with the best values."""
    settings = parsed.settings
    if parsed.call.dry_run:
        emit_plan(parsed.call, feature_search_plan(settings))
        return
    runs = feature_search_runs(settings)
    fits = settings.seeds if len(runs) == 1 else 1
    for index, searched in enumerate(runs):
        tuned = tune_stage2(searched, dataclasses.replace(settings, seed=settings.seed + index, seeds=fits))
        draw_search(searched, settings.study_name)
        draw_stage2(searched, settings.weights, [settings.method])
    summary = stage2_search_summary(runs, settings.study_name, settings.weights, settings.method)
    if fits > 1:
        summary += stage2_seeds_summary(runs, {settings.method: tuned.rows})
    names = [settings.method]
    record = search_record(runs, settings.study_name, [run_record(run, settings.weights, names) for run in runs])
    emit(parsed.call, summary, record=record, rows=trial_rows(record.searches))
