"""`decouple predict`: the classes of new images, as a table."""

import sys

from decouple.config.command_line import Parsed
from decouple.config.predict_settings import STDOUT, PredictConfig
from decouple.datasets.skipped import skipped_lines
from decouple.deploy.image_arguments import image_files, split_run
from decouple.deploy.predict_files import predict_files
from decouple.deploy.prediction_report import prediction_summary
from decouple.errors import ConfigError
from decouple.files.run_checks import require_finished
from decouple.log import logger
from decouple.reporting.output import emit
from decouple.reporting.terminal import render


def run(parsed: Parsed[PredictConfig]) -> None:
    """Write the predictions and print how many images each class has."""
    settings = parsed.settings
    if settings.out == STDOUT and parsed.call.json:
        raise ConfigError("`json` and `out=-` both write to stdout; name a file with `out`")
    arguments = split_run(settings.images, settings.run, settings.runs)
    listing = image_files(arguments.words)
    for line in skipped_lines(listing.skipped):
        logger.warning(line)
    report = predict_files(require_finished(arguments.run), listing.paths, settings)
    summary = prediction_summary(report)
    if settings.out != STDOUT:
        emit(parsed.call, summary, record=report)
    elif not parsed.call.quiet:
        print(render(*summary), end="", file=sys.stderr)
