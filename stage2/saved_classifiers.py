"""The saved classifiers of a run, evaluated on cached features: no image is read and no backbone is run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from decouple.classifier import Classifier, read_classifier
from decouple.config.yaml_file import read_yaml
from decouple.datasets.data import TRAIN
from decouple.datasets.settings import DataConfig
from decouple.errors import ConfigError, RunError
from decouple.evaluation.metrics import Metrics
from decouple.evaluation.scoring import score
from decouple.files.features import Features, read_features, stored_dtype
from decouple.files.run_dir import RunDir
from decouple.nearest_name import did_you_mean
from stage1.extract import cache_key, weights_fingerprint
from stage2.feature_cache import load_stage1_classifier, require_checkpoint

STAGE_ONE_METHOD = "none"  # stage one's own classifier


@dataclass(frozen=True)
class Evaluation:
    """The correct predictions and the metrics of a classifier on a split."""

    method: str
    correct: NDArray[np.bool_]  # (N,)
    metrics: Metrics


@dataclass(frozen=True)
class EvaluationSet:
    """The cached features of a split, and the run whose classifiers are evaluated on them."""

    run: RunDir
    checkpoint: str  # stage-one weights, last or best
    features: Features
    group_counts: Sequence[int]  # (C,), they define many, medium, few

    def evaluate(self, method: str) -> Evaluation:
        """Return the evaluation of the classifier of `method` on the split.

        Raises:
            RunError: its file is damaged, or was fitted to other weights.
        """
        classifier = load_saved_classifier(self.run, self.checkpoint, method)
        predicted = [np.argmax(classifier.logits(chunk).numpy(), axis=1) for chunk, _ in self.features.chunks()]
        correct = np.concatenate(predicted) == self.features.labels.numpy()
        return Evaluation(method, correct, score(classifier, self.features, self.group_counts))


def open_evaluation_set(run: RunDir, checkpoint: str, split: str) -> EvaluationSet:
    """Return the cached features of a split.

    Raises:
        ConfigError: the run has no such split.
        RunError: it has no such weights, or their features are not cached.
    """
    require_checkpoint(run, checkpoint)
    data = run.read_data()
    splits = [name for name in data.images if name != TRAIN]
    if split not in splits:
        raise ConfigError(f"the run {run.path} has no split '{split}'; it has {', '.join(splits)}")
    path = run.features(checkpoint, split)
    if not path.exists():
        raise RunError(
            f"the run {run.path} has no cached features of its {checkpoint} weights; "
            f"make them with decouple stage2 `run={run.path}` `weights={checkpoint}`"
        )
    key = cache_key(run, checkpoint, stored_dtype(path) or "float32")
    return EvaluationSet(run, checkpoint, read_features(path, replace(key, split=split)), data.group_counts)


def saved_methods(run: RunDir, checkpoint: str) -> list[str]:
    """Return the methods whose classifier is saved, stage one's own first."""
    names = [
        name
        for name in run.read_stage2(checkpoint)
        if name != STAGE_ONE_METHOD and run.classifier(checkpoint, name).exists()
    ]
    return [STAGE_ONE_METHOD, *names]


def require_saved(run: RunDir, checkpoint: str, method: str) -> None:
    """Check that the classifier of a method is saved.

    Raises:
        ConfigError: it is not; the message says how to make it.
    """
    known = saved_methods(run, checkpoint)
    if method not in known:
        raise ConfigError(
            f"the run {run.path} has no classifier '{method}' for its {checkpoint} weights."
            f"{did_you_mean(method, known)} It has: {', '.join(known)}. "
            f"Make others with decouple stage2 `run={run.path}` `weights={checkpoint}` `method=...`"
        )


def require_same_images(runs: Sequence[RunDir], split: str) -> None:
    """Check that all runs were made from the same data, so that their images of a split are the same.

    Raises:
        ConfigError: they were not; the message names the runs and the difference.
    """
    first, data = runs[0], runs[0].read_data()
    for run in runs[1:]:
        other = run.read_data()
        if other.fingerprint == data.fingerprint and other.split_counts == data.split_counts:
            continue
        raise ConfigError(
            f"{first.name} and {run.name} cannot be compared on the split '{split}', since their data differ: "
            f"{_differences(first, run)}"
        )


def _differences(one: RunDir, two: RunDir) -> str:
    """Return in words how the data of two runs differ: by settings, else by their records."""
    settings = [read_yaml(run.config) for run in (one, two)]
    records = [run.read_data() for run in (one, two)]
    differences = [
        f"{field.name} {_value(settings[0], field.name)} and {_value(settings[1], field.name)}"
        for field in fields(DataConfig)
        if settings[0].get(field.name, field.default) != settings[1].get(field.name, field.default)
    ]
    names = {"class_names": "names of classes", "images": "images per split", "split_counts": "images per class"}
    differences += [label for name, label in names.items() if getattr(records[0], name) != getattr(records[1], name)]
    return "; ".join(differences) or "the images themselves (fingerprint)"


def _value(settings: Mapping[str, object], name: str) -> object:
    value = settings.get(name)
    return "default" if value is None else value


def load_saved_classifier(run: RunDir, checkpoint: str, method: str) -> Classifier:
    """Return the saved classifier of a method, or stage one's own.

    Raises:
        RunError: its file is missing or damaged, or was fitted to other weights.
    """
    if method == STAGE_ONE_METHOD:
        return load_stage1_classifier(run, checkpoint)
    return read_classifier(run.classifier(checkpoint, method), f"{weights_fingerprint(run, checkpoint)}-{method}")
