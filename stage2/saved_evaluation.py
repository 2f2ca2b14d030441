"""The metrics of a saved classifier, from the images of its run again."""

from collections.abc import Mapping

from decouple.config.command_settings import EvaluateConfig
from decouple.datasets.data import TEST, TRAIN
from decouple.device import restored_threads
from decouple.errors import ConfigError
from decouple.evaluation.metrics import Metrics
from decouple.evaluation.scoring import score
from decouple.files.features import Features, stored_dtype
from decouple.files.run_dir import RunDir
from decouple.files.run_manifest import FEATURES
from stage1.checkpoint import load_weights
from stage1.extract import extract, read_cached
from stage1.run import open_training
from stage2.feature_cache import require_checkpoint
from stage2.saved_classifiers import load_saved_classifier, require_saved


@restored_threads()
def evaluate_saved(run: RunDir, settings: EvaluateConfig) -> Metrics:
    """Return the metrics of the classifier that `settings` names; the network runs over the images of the split.

    Raises:
        ConfigError: the run has no such weights, classifier or split.
        RunError: a file of the run is missing or damaged.
        DataError: the images are missing, or are not those of the run.
    """
    require_checkpoint(run, settings.weights)
    require_saved(run, settings.weights, settings.method)
    classifier = load_saved_classifier(run, settings.weights, settings.method)
    return score(classifier, _features(run, settings), run.read_data().group_counts)


def _features(run: RunDir, settings: EvaluateConfig) -> Features:
    """Return the features of the split: of its images, or, in a run made of features, the stored ones."""
    if run.read_manifest().kind == FEATURES:
        precision = stored_dtype(run.features(settings.weights, TEST)) or "float32"
        cached = read_cached(run, settings.weights, precision)
        _require_split(run, settings.split, cached)
        return cached[settings.split]
    training = open_training(run, settings.root, settings.device)
    _require_split(run, settings.split, training.batches.data.splits)
    load_weights(run.weights(settings.weights), training.network)
    return extract(training.network, training.batches, training.batches.data.splits[settings.split])


def _require_split(run: RunDir, split: str, splits: Mapping[str, object]) -> None:
    if split not in splits:
        known = ", ".join(name for name in splits if name != TRAIN)
        raise ConfigError(f"the run {run.path} has no split '{split}'; it has {known}")
