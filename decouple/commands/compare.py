"""`decouple compare`: compare classifiers of one run or of several on the same images."""

from pathlib import Path

from decouple.config.command_line import Parsed
from decouple.config.command_settings import CompareConfig
from decouple.evaluation.comparison import mean_differences, metric_cells, pairs
from decouple.reporting.chosen_groups import comparison_columns
from decouple.reporting.comparison import comparison_sections, write_comparison
from decouple.reporting.output import emit
from decouple.reporting.result_records import ComparisonRecord
from decouple.reporting.tables import rows_table
from decouple.reporting.terminal import Block
from stage2.compared_classifiers import load_candidates


def run(parsed: Parsed[CompareConfig]) -> None:
    """Print metrics with intervals, and paired differences with tests; write them where a folder is named."""
    settings = parsed.settings
    candidates, labels = load_candidates(settings)
    cells, differences = (
        metric_cells(candidates, comparison_columns(settings.groups)),
        pairs(candidates, labels.numpy()),
    )
    blocks: list[Block] = [f"{len(labels):,} images of {settings.split}, {settings.weights} weights of stage one"]
    for section in comparison_sections(cells, differences):
        blocks += [f"\n{section.heading}", rows_table(section.rows, best=None)]
    if settings.out is not None:
        write_comparison(Path(settings.out), cells, differences)
        blocks.append(f"written: {settings.out}")
    record = ComparisonRecord(
        split=settings.split,
        weights=settings.weights,
        images=len(labels),
        metrics=cells,
        pairs=differences,
        mean_differences=mean_differences(differences),
    )
    emit(parsed.call, blocks, record=record, rows=cells)
