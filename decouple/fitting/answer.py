"""A fit with its text: the plan, a table after each step, the conclusions, and the commands to go on with."""

from decouple.config.call_options import CallOptions
from decouple.fitting.fit_images import FitOutcome, fit_images
from decouple.fitting.result import fit_record
from decouple.fitting.settings import FitConfig
from decouple.process_start import PROCESS_START
from decouple.reporting.output import emit, show
from decouple.reporting.result_records import run_rows
from decouple.reporting.run_figures import draw_stage1, draw_stage2
from decouple.reporting.terminal import Block

TABLE_GUIDE = (
    'how to read it: a row is a classifier: "stage one" the first one, the others ways to help rare classes, which '
    '`decouple methods` explains; "all" is the share of test images that it gets right; balanced accuracy the mean of '
    "that share over the classes, so that a rare class counts as much as a common one; many, medium, few: the same for "
    "classes with over 100, 20 to 100, under 20 training images; head, middle, tail: for thirds of the classes, by "
    "size; macro-F1: like balanced accuracy, but false alarms count too; ECE: error of the probabilities, 0 is best; "
    "[low, high]: where the true value lies, with 95 % certainty"
)


def answer_fit(config: FitConfig, call: CallOptions) -> None:
    """Fit, print every step when it is done, draw the figures of the runs, and print the result.

    Args:
        config: the settings.
        call: how the command answers.
    """

    def show_blocks(*blocks: Block) -> None:
        show(call, *blocks)

    outcome = fit_images(config, show_blocks, PROCESS_START)
    record = fit_record(outcome)
    emit(call, result_lines(outcome), record=record, rows=run_rows(record.runs))
    for run in outcome.runs:
        if not run.figure("training").exists():
            draw_stage1(run)
        draw_stage2(run, "last", list(run.read_stage2("last")))


def result_lines(outcome: FitOutcome) -> list[str]:
    """Return how to read the tables, the recommended run, the conclusions, and the next commands."""
    folder = outcome.folder
    chosen = [] if len(outcome.runs) == 1 else [f"recommended run: {outcome.recommended.name}, since {outcome.reason}"]
    return [
        TABLE_GUIDE,
        *chosen,
        *outcome.conclusions,
        f"next: decouple predict {folder} NEW_IMAGES; decouple report {folder}; decouple export {folder}",
    ]
