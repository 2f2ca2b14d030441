"""`decouple tune tau`: search tau on the cached features of runs."""

import dataclasses

from decouple.config.command_line import Parsed
from decouple.errors import ConfigError
from decouple.reporting.output import emit
from decouple.reporting.plan_output import emit_plan
from decouple.reporting.result_records import run_record, search_record, trial_rows
from decouple.reporting.run_figures import draw_stage2
from decouple.reporting.search_figures import draw_search
from decouple.reporting.search_summary import stage2_search_summary
from tuning.dry_run import feature_search_plan
from tuning.search_runs import feature_search_runs
from tuning.settings import TauConfig
from tuning.tau import TAU, tune_tau


def run(parsed: Parsed[TauConfig]) -> None:
    """Search on each run, draw and print the trials and the classifiers with the best tau."""
    settings = parsed.settings
    if parsed.call.dry_run:
        emit_plan(parsed.call, feature_search_plan(settings))
        return
    runs = feature_search_runs(settings)
    if len(runs) < settings.seeds:
        raise ConfigError(
            f"--seeds {settings.seeds}: tau normalization is not random, so there is nothing to repeat on one run; "
            f"name runs of several seeds with --run, as `decouple stage1 --seeds {settings.seeds}` trains them"
        )
    for index, searched in enumerate(runs):
        tune_tau(searched, dataclasses.replace(settings, seed=settings.seed + index))
        draw_search(searched, settings.study_name)
        draw_stage2(searched, settings.weights, [TAU])
    summary = stage2_search_summary(runs, settings.study_name, settings.weights, TAU)
    record = search_record(runs, settings.study_name, [run_record(run, settings.weights, [TAU]) for run in runs])
    emit(parsed.call, summary, record=record, rows=trial_rows(record.searches))
