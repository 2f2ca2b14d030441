"""Printing what `--dry-run` plans."""

from decouple.config.call_options import CallOptions
from decouple.reporting.output import emit
from decouple.reporting.work_plan import WorkPlan, plan_blocks, plan_record, plan_rows


def emit_plan(call: CallOptions, plan: WorkPlan) -> None:
    """Print a plan in the form that the call asks for."""
    emit(call, plan_blocks(plan), record=plan_record(plan), rows=plan_rows(plan))
