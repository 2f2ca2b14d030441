"""Evaluation of a classifier of a run on a split, or on a new labelled folder: what `decouple evaluate` does."""

from dataclasses import dataclass

import torch

from decouple.config.command_settings import EvaluateConfig
from decouple.datasets.skipped import skipped_lines
from decouple.deploy.decisions import SetOptions
from decouple.deploy.deployment_prior import read_deployment_prior
from decouple.deploy.embed import compute_features
from decouple.deploy.evaluation import DetailedEvaluation, evaluate_calibrated
from decouple.deploy.image_batches import UnreadableImage
from decouple.deploy.labelled_images import labelled_images
from decouple.deploy.predict_files import require_readable, skipped_images
from decouple.deploy.prediction_report import SkippedImage
from decouple.deploy.predictor import choose_classifier, load_predictor
from decouple.device import restored_threads, use_fitting_threads
from decouple.errors import ConfigError, DataError
from decouple.evaluation.group_metrics import metrics_by_group
from decouple.files.features import Features
from decouple.files.run_dir import RunDir
from decouple.group_schemes import read_group_scheme
from decouple.log import logger
from decouple.reporting.result_records import EvaluationRecord, without_confusion
from stage2.calibrated import CalibratedClassifier, load_calibrated
from stage2.saved_evaluation import split_features

DEFAULT_GROUPS = "many_medium_few"


@dataclass(frozen=True, eq=False)
class _Evaluated:
    checkpoint: str
    calibrated: CalibratedClassifier
    features: Features
    skipped: list[SkippedImage]


@restored_threads()
def evaluate_run(run: RunDir, settings: EvaluateConfig) -> EvaluationRecord:
    """Return every metric of a classifier of a run, on a split or on the folder that the settings name.

    Raises:
        ConfigError: the run has no such weights, classifier or split.
        DataError: the images are missing, are not those of the run, or have classes that the run does not know.
        RunError: a file of the run is missing or damaged.
    """
    if settings.images is not None and settings.split != "test":
        raise ConfigError("`images` and `split` name two sets of images; give one of them")
    record = run.read_data()
    deployment = None if settings.prior is None else read_deployment_prior(settings.prior, record)
    sets = None if settings.sets is None else SetOptions(settings.sets, settings.set_score)
    evaluated = _on_split(run, settings) if settings.images is None else _on_folder(run, settings.images, settings)
    calibrated = evaluated.calibrated
    details = evaluate_calibrated(calibrated, evaluated.features, record, deployment=deployment, sets=sets)
    return _record(run, settings, evaluated, details)


def _on_split(run: RunDir, settings: EvaluateConfig) -> _Evaluated:
    method, checkpoint = choose_classifier(run, settings.method, settings.weights)
    calibrated = load_calibrated(run, checkpoint, method)
    try:
        features = split_features(run, checkpoint, settings.split, root=settings.root, device=settings.device)
    except DataError as error:
        raise DataError(
            f"{error.message}. Name the folder of the run's images with `root`, or new labelled images with `images`"
        ) from None
    return _Evaluated(checkpoint, calibrated, features, [])


def _on_folder(run: RunDir, folder: str, settings: EvaluateConfig) -> _Evaluated:
    listing = labelled_images(folder, run.read_data().class_names)
    for line in skipped_lines(listing.skipped):
        logger.warning(line)
    predictor = load_predictor(run, method=settings.method, checkpoint=settings.weights, device=settings.device)
    use_fitting_threads(predictor.device, predictor.image_size)
    unreadable: list[UnreadableImage] = []
    chunks: list[torch.Tensor] = []
    positions = compute_features(predictor, listing.paths, "evaluating", chunks.append, unreadable.append)
    skipped = skipped_images(listing.paths, unreadable)
    require_readable(len(positions), skipped)
    labels = torch.from_numpy(listing.labels[positions])
    return _Evaluated(predictor.checkpoint, predictor.calibrated, Features(torch.cat(chunks), labels), skipped)


def _record(
    run: RunDir, settings: EvaluateConfig, evaluated: _Evaluated, details: DetailedEvaluation
) -> EvaluationRecord:
    calibrated, data = evaluated.calibrated, run.read_data()
    scheme = settings.groups or DEFAULT_GROUPS
    return EvaluationRecord(
        run=str(run.path),
        method=calibrated.name,
        weights=evaluated.checkpoint,
        split=settings.split if settings.images is None else None,
        images=settings.images,
        class_names=data.class_names,
        group_scheme=scheme,
        groups=metrics_by_group(details.metrics, data.group_counts, read_group_scheme(scheme)),
        metrics=without_confusion(details.metrics),
        recalls=details.recalls,
        prior=settings.prior or "classifier",
        temperature=calibrated.temperature,
        calibrated_on=None if calibrated.held_out is None else calibrated.held_out.source,
        calibration={"before": details.before, "after": details.after, "by_group": details.by_group},
        changing_priors=details.changing_priors,
        sets=details.sets,
        unreadable={image.path: image.reason for image in evaluated.skipped},
    )
