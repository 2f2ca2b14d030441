"""`decouple evaluate`: run a saved network over images again, or over a new labelled folder, and print every metric."""

from decouple.config.command_line import Parsed
from decouple.config.command_settings import EvaluateConfig
from decouple.deploy.evaluate_images import evaluate_run
from decouple.files.run_checks import require_finished
from decouple.files.run_lookup import find_run
from decouple.reporting.evaluation_summary import evaluation_summary, metric_rows_unrounded
from decouple.reporting.output import emit


def run(parsed: Parsed[EvaluateConfig]) -> None:
    """Print the metrics of a classifier on a split or a folder."""
    settings = parsed.settings
    evaluated = require_finished(find_run(settings.run, settings.runs))
    record = evaluate_run(evaluated, settings)
    summary = evaluation_summary(record, evaluated.read_data().class_counts)
    emit(parsed.call, summary, record=record, rows=metric_rows_unrounded(record.metrics))
