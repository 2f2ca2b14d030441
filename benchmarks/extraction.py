"""Extraction of features, against a plain eager loop over PIL images.

The backbone of ResNet-32 after an epoch, in evaluation mode, images of 32 x 32 pixels; ours in the precision that stage
one chooses on this machine. The plain loop: DataLoader without workers, batches of 128, float32, channels first, batch
norm as a layer of its own; it shares the process, and thereby the memory that `decouple.memory` keeps. The table also
has the error of the features, as a share of their norm, and how many predictions of stage one's classifier agree.
"""

import copy

import numpy as np
import torch
from torch import Tensor

from benchmarks.cifar_size import QUICK, cifar_config, glyph_data
from benchmarks.epoch import own_epoch
from benchmarks.measure import compare
from benchmarks.plain_images import Loader, plain_loader
from benchmarks.table import Row, ratio_row, run_alone
from decouple.datasets.data import TRAIN, VAL
from stage1.extract import extract
from stage1.network import Network
from stage1.prepare import make_training

BAR = 2.5
LARGEST_ERROR = 0.02  # of the norm of all features; bfloat16 keeps two to three digits of each number


def rows(quick: bool) -> list[Row]:
    """Measure on 4,480 images, and without `quick` on 12,406."""
    data = glyph_data(QUICK if quick else 1.0)
    images = np.concatenate([data.splits[TRAIN], data.splits[VAL]]) if quick else data.splits[TRAIN]
    training = make_training(cifar_config(epochs=2, device="cpu"), data)
    own_epoch(training)  # so that batch norm has seen images
    plain = copy.deepcopy(training.network).to(memory_format=torch.contiguous_format)
    plain.bf16 = False
    loader = plain_loader(training.batches, images)
    theirs, ours = plain_features(plain, loader), extract(training.network, training.batches, images).features
    error = float((ours - theirs).norm() / theirs.norm())
    if error > LARGEST_ERROR:
        raise RuntimeError(f"the features are off by {error:.2g} of their norm")
    timed = compare(
        lambda: plain_features(plain, loader),
        lambda: extract(training.network, training.batches, images),
        pairs=3 if quick else 5,
        warm_up=False,  # both ran just now
    )
    return [
        ratio_row(
            f"features of {len(images):,} images, {'bf16' if training.network.bf16 else 'fp32'}",
            timed,
            BAR,
            **{
                "images/s": len(images) / timed.ours,
                "relative error": error,
                "equal predictions %": agreement(training.network, theirs, ours),
            },
        )
    ]


@torch.no_grad()
def plain_features(network: Network, loader: Loader) -> Tensor:
    """Return features (N, D)."""
    network.eval()
    return torch.cat([network.backbone(images) for images, _ in loader])


def agreement(network: Network, theirs: Tensor, ours: Tensor) -> float:
    """Return how many predictions of the classifier are the same on two sets of features (N, D), in percent."""
    classifier = network.classifier.as_tensors()
    same = classifier.logits(theirs).argmax(dim=1) == classifier.logits(ours).argmax(dim=1)
    return 100 * float(same.double().mean())


if __name__ == "__main__":
    run_alone(__doc__, rows)
