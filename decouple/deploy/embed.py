"""Features of image files under the backbone of a run, written to a file that other tools and stage two read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from decouple.config.predict_settings import EmbedConfig
from decouple.deploy.image_batches import UnreadableImage, batch_size, read_batches
from decouple.deploy.predict_files import require_readable, skipped_images
from decouple.deploy.prediction_files import prediction_file
from decouple.deploy.prediction_report import SkippedImage
from decouple.deploy.prediction_table import Columns
from decouple.deploy.predictor import Predictor, load_predictor
from decouple.deploy.row_spool import RowSpool
from decouple.device import restored_threads, use_fitting_threads
from decouple.files.atomic import replacing
from decouple.files.run_dir import RunDir
from decouple.files.tensor_files import TensorStream, write_stream
from decouple.progress import Progress


@dataclass(frozen=True, kw_only=True)
class EmbedReport:
    """Result of `decouple embed`."""

    run: str
    weights: str
    out: str
    images: int
    width: int  # numbers of each image
    classes: dict[str, int]  # label -> images; empty without labels
    skipped: tuple[SkippedImage, ...]


@dataclass(frozen=True, eq=False)
class _Embedding:
    """What is written: rows of features with their paths, and labels where these are asked for."""

    features: RowSpool
    width: int
    paths: list[str]
    labels: list[str] | None


@restored_threads()
def embed_files(run: RunDir, paths: Sequence[str], settings: EmbedConfig) -> EmbedReport:
    """Write the features of image files; those that cannot be read are left out, and listed in the report.

    Raises:
        DataError: none of them can be read.
        ConfigError: there is no such device.
        RunError: the run has no such weights or no network, or a file of it is damaged.
    """
    predictor = load_predictor(
        run, method="none", checkpoint=settings.weights, device=settings.device, precision=settings.precision
    )
    use_fitting_threads(predictor.device, predictor.image_size)
    width = int(predictor.network.classifier.weight.shape[1])
    out = Path(settings.out)
    unreadable: list[UnreadableImage] = []
    with RowSpool(width, out.parent) as spool:
        positions = compute_features(
            predictor, paths, "embedding", lambda features: spool.append(features.numpy()), unreadable.append
        )
        skipped = skipped_images(paths, unreadable)
        require_readable(len(positions), skipped)
        read = [paths[position] for position in positions]
        labels = [Path(path).absolute().parent.name for path in read] if settings.labels == "folders" else None
        _WRITERS[out.suffix.lower()](out, _Embedding(spool, width, read, labels))
    names, counts = np.unique(labels or [], return_counts=True)
    return EmbedReport(
        run=str(run.path),
        weights=settings.weights,
        out=settings.out,
        images=len(read),
        width=width,
        classes=dict(zip(names.tolist(), counts.tolist(), strict=True)),
        skipped=tuple(skipped),
    )


def compute_features(
    predictor: Predictor,
    paths: Sequence[str],
    title: str,
    on_features: Callable[[Tensor], None],
    on_unreadable: Callable[[UnreadableImage], None],
) -> list[int]:
    """Pass on the features of the images that can be read, batch by batch, and return the positions of these images.

    Args:
        predictor: the network.
        paths: image files.
        title: of the progress bar.
        on_features: called with float32 features (B, D) of each batch.
        on_unreadable: called for each image that is left out.
    """
    positions: list[int] = []
    size = batch_size(predictor.image_size, predictor.device.type)
    with Progress(title, total=len(paths), unit="images") as progress:
        for batch in read_batches(paths, predictor.read, size, on_unreadable):
            on_features(predictor.features(batch.pixels))
            positions += batch.positions
            progress.advance(len(batch.positions))
            progress.note(f"{len(positions):,} of {len(paths):,} images")
    return positions


def _write_npz(path: Path, embedding: _Embedding) -> None:
    arrays = {"path": np.array(embedding.paths), "features": embedding.features.all_rows()}
    if embedding.labels is not None:
        arrays["labels"] = np.array(embedding.labels)
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def _write_safetensors(path: Path, embedding: _Embedding) -> None:
    """Write features and numbers of labels; the metadata hold paths and names of classes."""
    tensors, metadata = {}, {"paths": embedding.paths}
    if embedding.labels is not None:
        names, numbers = np.unique(embedding.labels, return_inverse=True)
        tensors["labels"] = torch.from_numpy(numbers.astype(np.int64))
        metadata["class_names"] = names.tolist()
    chunks = (torch.from_numpy(rows.copy()) for rows in embedding.features.batches())
    stream = TensorStream((len(embedding.paths), embedding.width), torch.float32, chunks)
    write_stream(path, tensors, "features", stream, metadata)


def _write_parquet(path: Path, embedding: _Embedding) -> None:
    names = [f"f{number}" for number in range(embedding.width)]
    columns = ["path", *(["label"] if embedding.labels is not None else []), *names]
    with prediction_file(str(path), columns) as write:
        start = 0
        for rows in embedding.features.batches():
            chunk = slice(start, start + len(rows))
            texts: Columns = {"path": list(embedding.paths[chunk])}
            if embedding.labels is not None:
                texts["label"] = list(embedding.labels[chunk])
            write({**texts, **dict(zip(names, rows.T.tolist(), strict=True))})
            start += len(rows)


_WRITERS: dict[str, Callable[[Path, _Embedding], None]] = {
    ".npz": _write_npz,
    ".safetensors": _write_safetensors,
    ".parquet": _write_parquet,
}
