"""`decouple embed`: the features of images under the backbone of a run, as a file."""

from decouple.config.command_line import Parsed
from decouple.config.predict_settings import EmbedConfig
from decouple.datasets.skipped import skipped_lines
from decouple.deploy.embed import EmbedReport, embed_files
from decouple.deploy.image_arguments import image_files, split_run
from decouple.files.run_checks import require_finished
from decouple.log import logger
from decouple.reporting.output import emit


def run(parsed: Parsed[EmbedConfig]) -> None:
    """Write the features and print how many there are."""
    settings = parsed.settings
    arguments = split_run(settings.images, settings.run, settings.runs)
    listing = image_files(arguments.words)
    for line in skipped_lines(listing.skipped):
        logger.warning(line)
    report = embed_files(require_finished(arguments.run), listing.paths, settings)
    emit(parsed.call, [_summary(report)], record=report)


def _summary(report: EmbedReport) -> str:
    left_out = f", {len(report.skipped):,} more could not be read and are left out" if report.skipped else ""
    labels = f", labels of {len(report.classes):,} folders" if report.classes else ""
    return (
        f"run: {report.run}, {report.weights} weights\n"
        f"images: {report.images:,}{left_out}\n"
        f"features: {report.out}, {report.width:,} numbers an image{labels}"
    )
