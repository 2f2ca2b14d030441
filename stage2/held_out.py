"""Logits of images that a saved classifier was not fitted to, for its temperature and its prediction sets."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from decouple.datasets.data import VAL
from decouple.errors import RunError
from decouple.files.features import read_features, stored_dtype
from decouple.files.json_records import parse_record, record_to_json
from decouple.files.run_dir import RunDir
from decouple.files.tensor_files import read_tensors, write_tensors
from stage1.extract import cache_key, weights_fingerprint
from stage2.saved_classifiers import STAGE_ONE_METHOD, load_saved_classifier


@dataclass(frozen=True, eq=False)
class HeldOutLogits:
    """Logits of images that the classifier was not fitted to.

    Attributes:
        logits: (N, C) float32.
        labels: (N,) int64.
        source: in words, such as "58 validation images".
    """

    logits: Tensor
    labels: Tensor
    source: str


@dataclass(frozen=True, kw_only=True)
class HeldOutMetadata:
    """The metadata beside the tensors of a file of held-out logits."""

    fingerprint: str  # of the stage-one weights, and the entry of stage two
    source: str


def held_out_file(run: RunDir, checkpoint: str, name: str) -> Path:
    """Return where out-of-fold logits of an entry of stage two are stored."""
    return run.classifier(checkpoint, f"{name}.held_out")


def write_held_out(run: RunDir, checkpoint: str, name: str, held_out: HeldOutLogits) -> None:
    """Store the out-of-fold logits of an entry whose choices were made in folds."""
    metadata = HeldOutMetadata(fingerprint=_fingerprint(run, checkpoint, name), source=held_out.source)
    tensors = {"logits": held_out.logits.float(), "labels": held_out.labels}
    write_tensors(held_out_file(run, checkpoint, name), tensors, record_to_json(metadata))


def read_held_out(run: RunDir, checkpoint: str, name: str) -> HeldOutLogits | None:
    """Return the held-out logits of a saved classifier; None where there are none.

    They are the stored out-of-fold ones where the choices of stage two were made in folds, else those of the validation
    images. There are none in a run without either, or whose features are not cached.

    Args:
        run: a finished run.
        checkpoint: stage-one weights, last or best.
        name: entry of stage two, or none for stage one's classifier.

    Raises:
        RunError: a file is missing or damaged, or belongs to other weights.
    """
    path = held_out_file(run, checkpoint, name)
    if path.exists():
        return _read(path, _fingerprint(run, checkpoint, name))
    cached = run.features(checkpoint, VAL)
    if VAL not in run.read_data().images or not cached.exists():
        return None
    if name != STAGE_ONE_METHOD and VAL not in run.read_stage2(checkpoint)[name].metrics:
        return None  # fitted to the validation images
    key = cache_key(run, checkpoint, stored_dtype(cached) or "float32")
    features = read_features(cached, dataclasses.replace(key, split=VAL))
    classifier = load_saved_classifier(run, checkpoint, name)
    logits = torch.cat([classifier.logits(chunk) for chunk, _ in features.chunks()])
    return HeldOutLogits(logits, features.labels, f"{len(logits):,} validation images")


def _read(path: Path, fingerprint: str) -> HeldOutLogits:
    tensors, values = read_tensors(path)
    metadata = parse_record(HeldOutMetadata, values, path)
    if metadata.fingerprint != fingerprint:
        raise RunError(f"{path} belongs to other weights or another classifier; fit it again with `decouple stage2`")
    return HeldOutLogits(tensors["logits"], tensors["labels"], metadata.source)


def _fingerprint(run: RunDir, checkpoint: str, name: str) -> str:
    return f"{weights_fingerprint(run, checkpoint)}-{name}"
