"""`decouple stage1`: train or resume runs of stage one, draw their figures and print their test metrics."""

from collections.abc import Sequence

from decouple.config.call_options import CallOptions
from decouple.config.command_line import Parsed
from decouple.errors import ConfigError
from decouple.files.run_dir import RunDir
from decouple.reporting.output import emit
from decouple.reporting.plan_output import emit_plan
from decouple.reporting.result_records import run_rows, runs_record
from decouple.reporting.run_figures import draw_stage1
from decouple.reporting.stage1_summary import stage1_seeds_summary, stage1_summary
from decouple.reporting.terminal import Block
from stage1.dry_run import stage1_work_plan
from stage1.run import resume_run, start_run
from stage1.settings import Stage1Config
from stage1.train_seeds import train_seeds


def run(parsed: Parsed[Stage1Config]) -> None:
    """Train one run, or one for each seed."""
    settings = parsed.settings
    if parsed.call.dry_run:
        emit_plan(parsed.call, stage1_work_plan(settings))
        return
    if settings.seeds > 1:
        _run_seeds(settings, parsed.call)
        return
    finished = resume_run(settings, parsed.explicit) if settings.resume else start_run(settings)
    draw_stage1(finished)
    _emit(parsed.call, [finished], stage1_summary(finished))


def _run_seeds(settings: Stage1Config, call: CallOptions) -> None:
    if settings.resume:
        raise ConfigError("--resume goes on with one run; several go on when --seeds is given again with --name")
    finished = train_seeds(settings)
    for run in finished:
        if not run.figure("training").exists():  # a run that was finished earlier has its figures
            draw_stage1(run)
    _emit(call, finished, stage1_seeds_summary(finished))


def _emit(call: CallOptions, finished: Sequence[RunDir], summary: Sequence[Block]) -> None:
    record = runs_record(finished, names=[])
    emit(call, summary, record=record, rows=run_rows(record.runs))
