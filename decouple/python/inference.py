"""Predictions and features of images in memory or in files."""

import numpy as np
from numpy.typing import NDArray

from decouple.config.predict_settings import EmbedConfig, PredictConfig
from decouple.deploy.decisions import SetOptions
from decouple.deploy.image_batches import UnreadableImage, batch_size, read_batches
from decouple.deploy.predict import Prediction, PredictionOptions
from decouple.deploy.prediction_table import Columns, column_names, prediction_columns
from decouple.deploy.predictor import Predictor, load_predictor
from decouple.device import restored_threads, use_fitting_threads
from decouple.errors import DataError
from decouple.files.run_dir import RunDir
from decouple.python.images import ImageSources, image_sources, read_source
from decouple.python.options.embed import EmbedOptions
from decouple.python.options.predict import PredictOptions
from decouple.python.predictions import Predictions
from decouple.python.settings import settings_of


@restored_threads()
def predict_images(run: RunDir, images: object, options: PredictOptions) -> Predictions:
    """Return the classes of images; see `decouple.api.predict`."""
    sources, settings = image_sources(images), settings_of(PredictConfig, options)
    predictor = _predictor(run, settings, settings.method)
    sets = None if settings.sets is None else SetOptions(settings.sets, settings.set_score)
    prediction = Prediction(predictor, PredictionOptions(prior=settings.prior, sets=sets, abstain=settings.abstain))
    columns: Columns = {name: [] for name in column_names(len(predictor.class_names), sets=sets is not None)}
    for batch in prediction.run(sources.sources, lambda source: read_source(source, predictor.image_size)):
        names = [sources.names[position] for position in batch.positions]
        for column, values in prediction_columns(names, batch.decisions, predictor.class_names).items():
            columns[column] += values
    if not columns["path"]:
        raise DataError(prediction.unreadable[0].reason)
    return Predictions(columns, _unreadable(sources, prediction.unreadable))


@restored_threads()
def embed_images(run: RunDir, images: object, options: EmbedOptions) -> NDArray[np.float32]:
    """Return the features of images, (N, D); see `decouple.api.embed`."""
    sources, settings = image_sources(images), settings_of(EmbedConfig, options)
    predictor = _predictor(run, settings, None)
    unreadable: list[UnreadableImage] = []
    size = batch_size(predictor.image_size, predictor.device.type)
    batches = read_batches(
        sources.sources, lambda source: read_source(source, predictor.image_size), size, unreadable.append
    )
    features = [predictor.features(batch.pixels).numpy() for batch in batches]
    if unreadable:
        raise DataError(unreadable[0].reason)
    return np.concatenate(features)


def _predictor(run: RunDir, settings: PredictConfig | EmbedConfig, method: str | None) -> Predictor:
    predictor = load_predictor(
        run, method=method, checkpoint=settings.weights, device=settings.device, precision=settings.precision
    )
    use_fitting_threads(predictor.device, predictor.image_size)
    return predictor


def _unreadable(sources: ImageSources, images: list[UnreadableImage]) -> dict[str, str]:
    return {sources.names[image.position]: image.reason for image in images}
