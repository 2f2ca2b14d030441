"""`decouple evaluate`: run a saved network over images again and print every metric."""

from decouple.config.command_line import Parsed
from decouple.config.command_settings import EvaluateConfig
from decouple.files.run_checks import require_finished
from decouple.files.run_lookup import find_run
from decouple.report.evaluation_summary import evaluation_summary, metric_rows_unrounded
from decouple.report.output import emit
from decouple.report.result_records import EvaluationRecord, without_confusion
from stage2.saved_evaluation import evaluate_saved


def run(parsed: Parsed[EvaluateConfig]) -> None:
    """Print the metrics of a classifier on a split."""
    settings = parsed.settings
    evaluated = require_finished(find_run(settings.run, settings.runs))
    metrics = evaluate_saved(evaluated, settings)
    summary = evaluation_summary(evaluated, settings.weights, settings.method, settings.split, metrics)
    record = EvaluationRecord(
        run=str(evaluated.path),
        method=settings.method,
        weights=settings.weights,
        split=settings.split,
        class_names=evaluated.read_data().class_names,
        metrics=without_confusion(metrics),
    )
    emit(parsed.call, summary, record=record, rows=metric_rows_unrounded(metrics))
