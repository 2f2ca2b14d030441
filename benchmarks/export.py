"""An exported ONNX file in onnxruntime against the same module in PyTorch: images a second, and size of the file.

Both compute from uint8 pixels to probabilities in float32 on one thread. PyTorch runs the backbone as predictions do:
batch norm fused into convolutions, channels last. The file is checked against PyTorch when it is written.
"""

import tempfile
from functools import partial
from pathlib import Path
from typing import cast

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray

from benchmarks.measure import compare
from benchmarks.table import Row, ratio_row, run_alone
from decouple.classifier import Classifier
from decouple.datasets.preprocessing import PREPROCESSING
from decouple.deploy.export_examples import ExampleImages
from decouple.deploy.export_module import ExportModule
from decouple.deploy.export_onnx import write
from decouple.deploy.export_record import ExportRecord
from decouple.deploy.export_source import ExportSource
from decouple.deploy.predictor import Predictor
from stage1.backbones.build import make_backbone
from stage1.fuse_conv_bn import fused
from stage1.normalization import Normalization

CASES = [("resnet32", 32), ("resnet18", 128), ("tf_efficientnet_lite0", 224)]  # model, side of the images in pixels
BATCHES = (1, 32)  # images
CLASSES = 100
PAIRS, QUICK_PAIRS = 9, 4
STATISTICS = Normalization((0.5,) * 3, (0.25,) * 3)


def rows(quick: bool) -> list[Row]:
    """Measure every model and batch size."""
    torch.set_num_threads(1)
    return [row for model, size in CASES for row in _rows_of(model, size, QUICK_PAIRS if quick else PAIRS)]


def _rows_of(model: str, size: int, pairs: int) -> list[Row]:
    source = _source(model, size)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        difference = write(source, path)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        megabytes = path.stat().st_size / 1e6
        _fuse(source.module, size)
        return [_row(source, session, batch, pairs, {"MB": megabytes, "difference": difference}) for batch in BATCHES]


def _fuse(module: ExportModule, size: int) -> None:
    """Give the module the form of its backbone that is fastest in PyTorch."""
    images = module.normalized(torch.from_numpy(_pixels(2, size)))
    module.backbone = fused(module.backbone.to(memory_format=torch.channels_last), images)


def _row(
    source: ExportSource, session: onnxruntime.InferenceSession, batch: int, pairs: int, more: dict[str, float]
) -> Row:
    pixels = _pixels(batch, source.record.imgsz[0])
    timed = compare(partial(source.outputs, pixels), partial(session.run, None, {"pixels": pixels}), pairs=pairs)
    speeds = {"PyTorch images/s": batch / timed.baseline, "onnxruntime images/s": batch / timed.ours}
    return ratio_row(f"{source.record.model}, {source.record.imgsz[0]} px, batch of {batch}", timed, **speeds, **more)


def _source(model: str, size: int) -> ExportSource:
    """Return a network with random weights, ready to be written."""
    torch.manual_seed(0)
    backbone = make_backbone(model, size, None)
    width: int = backbone.num_features  # type: ignore[assignment]
    classifier = Classifier("linear", torch.randn(CLASSES, width) / width**0.5, torch.zeros(CLASSES))
    module = ExportModule(backbone, classifier, STATISTICS, temperature=1.0, offset=torch.zeros(CLASSES))
    record = ExportRecord(
        names=tuple(map(str, range(CLASSES))),
        imgsz=(size, size),
        mean=STATISTICS.mean,
        std=STATISTICS.std,
        preprocessing=PREPROCESSING,
        decouple_version="",
        license="unknown",
        run="benchmark",
        model=model,
        method="none",
        weights="last",
        temperature=1.0,
        prior="uniform",
        class_prior=(1 / CLASSES,) * CLASSES,
        class_counts=(1,) * CLASSES,
    )
    examples = ExampleImages(_pixels(4, size), "4 random images")
    return ExportSource(cast(Predictor, None), module.eval().requires_grad_(requires_grad=False), record, examples)


def _pixels(count: int, size: int) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (count, size, size, 3), dtype=np.uint8)


if __name__ == "__main__":
    run_alone(__doc__, rows)
