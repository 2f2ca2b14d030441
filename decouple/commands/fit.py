"""`decouple fit`: from a folder of images to a recommended classifier and what it means."""

from decouple.config.command_line import Parsed
from decouple.fitting.answer import answer_fit
from decouple.fitting.dry_run import fit_work_plan
from decouple.fitting.settings import FitConfig
from decouple.reporting.plan_output import emit_plan


def run(parsed: Parsed[FitConfig]) -> None:
    """Fit the images, and print plan, tables and conclusions."""
    if parsed.call.dry_run:
        emit_plan(parsed.call, fit_work_plan(parsed.settings))
        return
    answer_fit(parsed.settings, parsed.call)
