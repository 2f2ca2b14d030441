"""What stage two starts from: the cached features of a run and the classifier that stage one trained."""

from decouple.device import choose_device, use_fitting_threads
from decouple.errors import RunError
from decouple.features import Features
from decouple.head import Head
from decouple.run_dir import RunDir, read_json
from decouple.tensor_files import read_tensors
from stage1.checkpoint import load_weights
from stage1.extract import cache_features, read_cached
from stage1.run import open_training
from stage2.settings import Stage2Config


def features_of(run: RunDir, config: Stage2Config) -> dict[str, Features]:
    """Return the features of every split: from the cache, or computed now and cached.

    Raises:
        RunError: the cache is damaged or belongs to other weights, the images have changed since training, or the run
            has no such weights.
        DataError: the images cannot be read.
    """
    use_fitting_threads(choose_device(config.device), read_json(run.data)["image_size"])
    cached = None if config.refresh_features else read_cached(run, config.weights)
    if cached is not None:
        return cached
    require_weights(run, config.weights)
    training = open_training(run, config.root, config.device)
    load_weights(run.weights(config.weights), training.network)
    return cache_features(run, config.weights, training.network, training.batches)


def require_weights(run: RunDir, which: str) -> None:
    """Check that the run has the weights `which`.

    Raises:
        RunError: it has no best weights.
    """
    if which == "best" and not run.weights(which).exists():
        raise RunError(f"{run.path} has no best weights, as it was trained without validation; use --weights last")


def stage_one_head(run: RunDir, which: str) -> Head:
    """Return the classifier that stage one trained.

    Raises:
        RunError: its file is missing or damaged.
    """
    tensors, facts = read_tensors(run.weights(which))
    weight, bias = tensors.get("classifier.weight"), tensors.get("classifier.bias")
    if weight is None or "scale" not in facts:
        raise RunError(f"{run.weights(which)} is damaged: it holds no classifier")
    if bias is None:
        return Head("cosine", weight, scale=facts["scale"])
    return Head("linear", weight, bias)
