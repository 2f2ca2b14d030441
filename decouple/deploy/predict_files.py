"""Predictions of image files, written to a table, with a contact sheet and a report."""

from collections.abc import Sequence
from pathlib import Path

from decouple.config.predict_settings import PredictConfig
from decouple.deploy.decisions import SetOptions
from decouple.deploy.image_batches import UnreadableImage
from decouple.deploy.predict import Prediction, PredictionOptions
from decouple.deploy.prediction_files import Write, prediction_file
from decouple.deploy.prediction_report import PredictionCounter, PredictionReport, SkippedImage
from decouple.deploy.prediction_table import column_names, prediction_columns
from decouple.deploy.predictor import Predictor, load_predictor
from decouple.deploy.sheet import Sheet
from decouple.device import restored_threads, use_fitting_threads
from decouple.errors import DataError
from decouple.files.run_dir import RunDir
from decouple.log import logger
from decouple.progress import Progress

MAX_LISTED = 10  # unreadable files that are named in warnings


@restored_threads()
def predict_files(run: RunDir, paths: Sequence[str], settings: PredictConfig) -> PredictionReport:
    """Predict the classes of image files and write the table, and the contact sheet where the settings name one.

    Files that cannot be read are left out, and listed in the report and in warnings.

    Raises:
        DataError: none of them can be read, or the prior or the sets do not fit the run.
        ConfigError: the run has no such classifier, or there is no such device.
        RunError: a file of the run is missing or damaged.
    """
    predictor = load_predictor(
        run,
        method=settings.method,
        checkpoint=settings.weights,
        device=settings.device,
        precision=settings.precision,
    )
    use_fitting_threads(predictor.device, predictor.image_size)
    sheet = Sheet(len(paths), predictor.class_names)
    options = PredictionOptions(
        prior=settings.prior,
        abstain=settings.abstain,
        sets=None if settings.sets is None else SetOptions(settings.sets, settings.set_score),
    )
    prediction = Prediction(predictor, options, on_pixels=sheet.add_pixels)
    counter = PredictionCounter(len(predictor.class_names))
    names = column_names(len(predictor.class_names), sets=options.sets is not None)
    with prediction_file(settings.out, names) as write:
        _write_all(predictor, prediction, paths, write, counter, sheet)
        skipped = skipped_images(paths, prediction.unreadable)
        require_readable(counter.images, skipped)
    if settings.sheet is not None:
        sheet.write(Path(settings.sheet), f"{run.name}, {predictor.calibrated.name}")
    return counter.report(
        predictor,
        prediction.decider,
        prior=settings.prior or "classifier",
        out=settings.out,
        sheet=settings.sheet,
        skipped=skipped,
    )


def _write_all(
    predictor: Predictor,
    prediction: Prediction,
    paths: Sequence[str],
    write: Write,
    counter: PredictionCounter,
    sheet: Sheet,
) -> None:
    with Progress("predicting", total=len(paths), unit="images") as progress:
        for batch in prediction.run(paths, predictor.read):
            batch_paths = [paths[position] for position in batch.positions]
            write(prediction_columns(batch_paths, batch.decisions, predictor.class_names))
            counter.add(batch.decisions)
            sheet.add_decisions(batch.positions, batch.decisions)
            progress.advance(len(batch_paths))
            progress.note(f"{counter.images:,} of {len(paths):,} images")


def skipped_images(paths: Sequence[str], unreadable: Sequence[UnreadableImage]) -> list[SkippedImage]:
    """Return the images that could not be read, and name the first of them in warnings."""
    skipped = [SkippedImage(path=paths[image.position], reason=image.reason) for image in unreadable]
    for image in skipped[:MAX_LISTED]:
        logger.warning(f"left out: {image.reason}")
    if len(skipped) > MAX_LISTED:
        logger.warning(f"left out: {len(skipped) - MAX_LISTED:,} more images that cannot be read")
    return skipped


def require_readable(images: int, skipped: Sequence[SkippedImage]) -> None:
    """Check that an image could be read.

    Raises:
        DataError: none of them could.
    """
    if not images:
        number = f"none of the {len(skipped):,} images can be read; the first: " if len(skipped) > 1 else ""
        raise DataError(f"{number}{skipped[0].reason}")
