"""Predictions and features of images in memory or in files."""

from typing import Literal, TypedDict

import numpy as np
from numpy.typing import NDArray

from decouple.deploy.decisions import SetOptions
from decouple.deploy.image_batches import UnreadableImage, batch_size, read_batches
from decouple.deploy.predict import Prediction, PredictionOptions
from decouple.deploy.prediction_table import Columns, column_names, prediction_columns
from decouple.deploy.predictor import Predictor, load_predictor
from decouple.device import restored_threads, use_fitting_threads
from decouple.errors import DataError
from decouple.files.run_dir import RunDir
from decouple.python.images import ImageSources, image_sources, read_source
from decouple.python.predictions import Predictions


class PredictOptions(TypedDict, total=False):
    """Options of `decouple.predict`, as of `decouple predict`."""

    method: str | None
    """stage-two method whose classifier is used; none: that of stage one; default: the recommended one"""
    weights: Literal["last", "best"] | None
    """stage-one weights; default: those of the recommended classifier"""
    prior: str | None
    """train, uniform, em, or a file of class and share; default: what the classifier assumes"""
    sets: float | None
    """share of images whose prediction set is to hold the true class, between 0 and 1"""
    set_score: Literal["probability", "pas"]
    """what prediction sets go by"""
    abstain: float
    """leave the class empty below this probability, 0 to 1"""
    device: str
    """auto, cpu, cuda or cuda:N"""
    precision: Literal["auto", "fp32", "bf16"]
    """of the backbone"""


@restored_threads()
def predict_images(run: RunDir, images: object, options: PredictOptions) -> Predictions:
    """Return the classes of images; see `decouple.api.predict`."""
    sources = image_sources(images)
    predictor = _predictor(run, options)
    sets = options.get("sets")
    decided = PredictionOptions(
        prior=options.get("prior"),
        sets=None if sets is None else SetOptions(sets, options.get("set_score", "probability")),
        abstain=options.get("abstain", 0.0),
    )
    prediction = Prediction(predictor, decided)
    columns: Columns = {name: [] for name in column_names(len(predictor.class_names), sets=sets is not None)}
    for batch in prediction.run(sources.sources, lambda source: read_source(source, predictor.image_size)):
        names = [sources.names[position] for position in batch.positions]
        for column, values in prediction_columns(names, batch.decisions, predictor.class_names).items():
            columns[column] += values
    return Predictions(columns, _unreadable(sources, prediction.unreadable))


@restored_threads()
def embed_images(run: RunDir, images: object, options: PredictOptions) -> NDArray[np.float32]:
    """Return the features of images, (N, D); see `decouple.api.embed`."""
    sources, predictor = image_sources(images), _predictor(run, options)
    unreadable: list[UnreadableImage] = []
    size = batch_size(predictor.image_size, predictor.device.type)
    batches = read_batches(
        sources.sources, lambda source: read_source(source, predictor.image_size), size, unreadable.append
    )
    features = [predictor.features(batch.pixels).numpy() for batch in batches]
    if unreadable:
        raise DataError(unreadable[0].reason)
    return np.concatenate(features)


def _predictor(run: RunDir, options: PredictOptions) -> Predictor:
    predictor = load_predictor(
        run,
        method=options.get("method"),
        checkpoint=options.get("weights"),
        device=options.get("device", "auto"),
        precision=options.get("precision", "auto"),
    )
    use_fitting_threads(predictor.device, predictor.image_size)
    return predictor


def _unreadable(sources: ImageSources, images: list[UnreadableImage]) -> dict[str, str]:
    return {sources.names[image.position]: image.reason for image in images}
