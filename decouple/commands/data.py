"""`decouple data`: inspect a data set before training on it."""

from pathlib import Path

from decouple.config.command_line import Parsed
from decouple.config.command_settings import DataCommandConfig
from decouple.datasets.overlap import check_overlap
from decouple.datasets.reading import load_with_progress
from decouple.report.data_summary import data_counts, data_rows, data_summary, draw_data
from decouple.report.output import emit


def run(parsed: Parsed[DataCommandConfig]) -> None:
    """Print the classes of a data set and draw their sizes."""
    settings = parsed.settings
    data = load_with_progress(settings)
    if settings.check_overlap:
        check_overlap(data)
    summary = data_summary(data, overlap_checked=settings.check_overlap, all_classes=settings.all_classes)
    draw_data(Path(settings.figure), data)
    blocks = [*summary, f"figure: {settings.figure}"]
    emit(parsed.call, blocks, record=data_counts(data, settings.figure), rows=data_rows(data))
