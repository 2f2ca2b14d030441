"""Frozen features of image files by pretrained weights, against the plain loop of timm and PIL.

JPEG files of 256 x 192 pixels are read at 128 and go through EfficientNet-Lite0 (the extra `backbone`). The plain
loop: a timm model in float32, batch norm as layers of its own, PIL images decoded one by one by a DataLoader without
workers, batches of 64. Ours reads the folder as `decouple stage1` does, decodes in threads, fuses batch norm, and
computes in the precision that it chooses on this machine. Both begin with files and end with features; neither has a
cache of pixels.
"""

import os
import tempfile
from pathlib import Path

import numpy as np
import timm
import torch
from PIL import Image
from timm.data.transforms_factory import create_transform
from torch import Tensor
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder

from benchmarks.measure import compare
from benchmarks.table import Row, ratio_row, run_alone
from decouple.datasets.load import load_data
from stage1.backbones.packaged_weights import read_packaged_weights
from stage1.extract import extract
from stage1.prepare import make_training
from stage1.settings import Stage1Config

MODEL, SIDE = "tf_efficientnet_lite0", 128
BAR = 1.5
LEAST_COSINE = 0.95  # between features of an image: the plain transform resizes with another filter


def rows(quick: bool) -> list[Row]:
    """Measure on 256 files, and without `quick` on 2,000."""
    with tempfile.TemporaryDirectory() as folder:
        count = write_images(Path(folder), 256 if quick else 2000)
        theirs, (ours, precision) = plain_features(folder), own_features(folder)
        cosines = torch.nn.functional.cosine_similarity(theirs, ours)
        if cosines.mean() < LEAST_COSINE:
            raise RuntimeError(f"the mean cosine between the features is {cosines.mean():.3f}")
        timed = compare(
            lambda: plain_features(folder), lambda: own_features(folder), pairs=3 if quick else 5, warm_up=False
        )
    return [
        ratio_row(
            f"features of {count:,} JPEG files at {SIDE} pixels, {precision}",
            timed,
            BAR,
            **{"ms an image": 1000 * timed.ours / count, "plain ms an image": 1000 * timed.baseline / count},
        )
    ]


def write_images(folder: Path, count: int) -> int:
    """Write smooth random pictures of two classes in equal numbers; return how many."""
    rng = np.random.default_rng(0)
    for number in range(count):
        path = folder / f"class_{number % 2}" / f"{number:05}.jpg"
        path.parent.mkdir(exist_ok=True)
        coarse = Image.fromarray(rng.integers(0, 256, (12, 16, 3), dtype=np.uint8))
        coarse.resize((256, 192), Image.Resampling.BICUBIC).save(path, quality=90)
    return count


@torch.no_grad()
def plain_features(folder: str) -> Tensor:
    """Return features (N, D) in the order of the files."""
    model = timm.create_model(MODEL, num_classes=0).eval()
    model.load_state_dict(read_packaged_weights(MODEL, model.state_dict()))
    transform = create_transform(SIDE, mean=(0.5,) * 3, std=(0.5,) * 3, crop_pct=1.0)
    loader = DataLoader(ImageFolder(folder, transform), batch_size=64)
    return torch.cat([model(images) for images, _ in loader])


def own_features(folder: str) -> tuple[Tensor, str]:
    """Return features (N, D) in the order of the files, and the precision of the backbone."""
    config = Stage1Config(
        data="folder", root=folder, image_size=SIDE, model=MODEL, pretrained="package", train="none", device="cpu",
        no_image_cache=True,
    )  # fmt: skip
    data = load_data(config)
    training = make_training(config, data)
    everything = np.arange(len(data.labels))
    features = extract(training.network, training.batches, everything).features
    return features, "bf16" if training.network.bf16 else "fp32"


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", str(os.cpu_count()))
    run_alone(__doc__, rows)
