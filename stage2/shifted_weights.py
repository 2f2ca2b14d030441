"""Shifted weights: those of the last epoch, with batch-norm statistics of class-balanced draws."""

from collections.abc import Iterator, Mapping

from torch import Tensor

from decouple.classifier import Classifier
from decouple.config.weights_option import SHIFTED
from decouple.datasets.data import TRAIN
from decouple.evaluation.scoring import score_splits, weight_norms
from decouple.files.features import Features
from decouple.files.results import Stage1Entry, record_stage1
from decouple.files.run_dir import RunDir
from samplers import SAMPLERS
from stage1.batch_norm import renew_statistics
from stage1.checkpoint import load_weights, save_weights
from stage1.trainer import Training


def make_shifted_weights(run: RunDir, training: Training) -> None:
    """Write the shifted weights of a run; the network has them afterwards.

    The weights of the last epoch stay as they are; the running statistics of every batch norm are averaged over one
    epoch of as many class-balanced draws as there are training images, in batches and under the augmentation of stage
    one, without mixing. The draws depend on the seed of stage one alone, not on that of stage two.

    Raises:
        ConfigError: the backbone has no batch norm.
        RunError: the weights of the last epoch are missing or damaged.
    """
    metadata = load_weights(run.weights("last"), training.network)
    renew_statistics(training.network.backbone, _balanced_images(training))
    save_weights(run.weights(SHIFTED), training.network, metadata.epoch)


def _balanced_images(training: Training) -> Iterator[Tensor]:
    """Yield augmented images (B, 3, H, W) of one epoch of class-balanced draws."""
    seed, batches, train = training.config.seed, training.batches, training.batches.data.splits[TRAIN]
    drawn = SAMPLERS["class"](batches.data.labels[train], seed=seed).draw().numpy()
    stream = (seed, -2)  # -2: neither an epoch of stage one nor a view of stage two
    for images, _ in batches.augmented(train[drawn], training.config.batch_size, training.augmentation, stream):
        yield images


def record_shifted(run: RunDir, classifier: Classifier, splits: Mapping[str, Features]) -> None:
    """Write the metrics of stage one's classifier on the features under the shifted weights.

    Args:
        run: that has shifted weights.
        classifier: stage one's.
        splits: features of every split.
    """
    evaluated = {split: features for split, features in splits.items() if split != TRAIN}
    entry = Stage1Entry(
        epoch=run.read_results().stage1["last"].epoch,
        metrics=score_splits(classifier, evaluated, run.read_data().group_counts),
        weight_norms=weight_norms(classifier),
    )
    record_stage1(run.results, SHIFTED, entry)
