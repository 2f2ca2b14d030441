"""`decouple data`: inspect a data set before training on it."""

from dataclasses import replace
from pathlib import Path

from decouple.config.command_line import Parsed
from decouple.config.command_settings import DataCommandConfig
from decouple.datasets.data import Data
from decouple.datasets.image_files import FilePixels
from decouple.datasets.image_survey import ImageSurvey
from decouple.datasets.overlap import check_overlap, find_equal_files, warn_of_overlap
from decouple.datasets.reading import load_with_progress, survey_with_progress
from decouple.reporting.data_summary import data_counts, data_rows, data_summary, draw_data
from decouple.reporting.example_sheet import draw_examples
from decouple.reporting.output import emit


def run(parsed: Parsed[DataCommandConfig]) -> None:
    """Print the classes of a data set, and draw their sizes and some of their images."""
    settings = parsed.settings
    data, survey = _look(settings)
    summary = data_summary(data, survey, all_classes=settings.all_classes)
    figure = Path(settings.figure)
    examples = figure.with_name("examples.png")
    draw_data(figure, data)
    draw_examples(examples, data)
    blocks = [*summary, f"figure: {figure}", f"examples: {examples}"]
    emit(parsed.call, blocks, record=data_counts(data, figure, examples), rows=data_rows(data))


def _look(settings: DataCommandConfig) -> tuple[Data, ImageSurvey | None]:
    """Return the data, and the survey of image files whose pixels were not read."""
    decode = settings.check_overlap or settings.skip_bad_images
    data = load_with_progress(settings, decode=decode)
    if settings.check_overlap:
        check_overlap(data)
    if decode or not isinstance(data.pixels, FilePixels):
        return data, None
    survey = survey_with_progress(data.pixels)
    data = replace(data, overlap=find_equal_files(data.pixels.paths, data.splits), fingerprint="")
    warn_of_overlap(data)
    return data, survey
