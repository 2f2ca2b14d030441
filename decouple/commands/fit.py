"""`decouple fit`: from a folder of images to a recommended classifier and what it means."""

from decouple.config.command_line import Parsed
from decouple.fit.fit_images import FitOutcome, fit_images
from decouple.fit.result import fit_record
from decouple.fit.settings import FitConfig
from decouple.process_start import PROCESS_START
from decouple.report.output import emit, show
from decouple.report.result_records import run_rows
from decouple.report.run_figures import draw_stage1, draw_stage2
from decouple.report.terminal import Block


def run(parsed: Parsed[FitConfig]) -> None:
    """Print the plan, a table after each step, the recommendation, three conclusions, and the next commands."""

    def show_blocks(*blocks: Block) -> None:
        show(parsed.call, *blocks)

    outcome = fit_images(parsed.settings, show_blocks, PROCESS_START)
    for finished in outcome.runs:
        if not finished.figure("training").exists():
            draw_stage1(finished)
        draw_stage2(finished, "last", list(finished.read_stage2("last")))
    record = fit_record(outcome)
    emit(parsed.call, _last_lines(outcome), record=record, rows=run_rows(record.runs))


def _last_lines(outcome: FitOutcome) -> list[str]:
    """Return the recommended run, the conclusions, and the next commands."""
    folder = outcome.folder
    chosen = [] if len(outcome.runs) == 1 else [f"recommended run: {outcome.recommended.name}, since {outcome.reason}"]
    return [
        "",
        *chosen,
        *outcome.conclusions,
        f"next: decouple predict {folder} NEW_IMAGES; decouple report {folder}; decouple export {folder}",
    ]
