"""The features of a split, from the images of a run again."""

from collections.abc import Mapping

from decouple.datasets.data import TEST, TRAIN
from decouple.device import restored_threads
from decouple.errors import ConfigError
from decouple.files.features import Features, stored_dtype
from decouple.files.run_dir import RunDir
from decouple.files.run_manifest import FEATURES
from stage1.checkpoint import load_weights
from stage1.extract import extract, read_cached
from stage1.run import open_training
from stage2.feature_cache import require_checkpoint


@restored_threads()
def split_features(
    run: RunDir, checkpoint: str, split: str, *, root: str | None = None, device: str = "auto"
) -> Features:
    """Return the features of a split: the network runs over its images; of a run made of features, the stored ones.

    Args:
        run: a finished run.
        checkpoint: stage-one weights, last or best.
        split: val, test or test_longtailed.
        root: where the images are now, if they have moved.
        device: auto, cpu, cuda or cuda:N.

    Raises:
        ConfigError: the run has no such split.
        RunError: the run has no such weights, or a file of it is missing or damaged.
        DataError: the images are missing, or are not those of the run.
    """
    require_checkpoint(run, checkpoint)
    if run.read_manifest().kind == FEATURES:
        precision = stored_dtype(run.features(checkpoint, TEST)) or "float32"
        cached = read_cached(run, checkpoint, precision)
        _require_split(run, split, cached)
        return cached[split]
    training = open_training(run, root, device)
    _require_split(run, split, training.batches.data.splits)
    load_weights(run.weights(checkpoint), training.network)
    return extract(training.network, training.batches, training.batches.data.splits[split])


def _require_split(run: RunDir, split: str, splits: Mapping[str, object]) -> None:
    if split not in splits:
        known = ", ".join(name for name in splits if name != TRAIN)
        raise ConfigError(f"the run {run.path} has no split '{split}'; it has {known}")
