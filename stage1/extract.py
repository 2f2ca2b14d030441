"""Features of every split, computed once and kept in the run folder."""

import hashlib

import torch

from decouple.datasets.data import Indices
from decouple.features import Features, read_features, write_features
from decouple.run_dir import RunDir, read_json
from stage1.batches import Batches
from stage1.network import Network
from stage1.trainer import EVALUATION_BATCH


@torch.no_grad()
def extract(network: Network, batches: Batches, indices: Indices) -> Features:
    """Return the backbone's features of images without augmentation, batch norm in evaluation mode, on the CPU."""
    network.eval()
    found = [
        (network.backbone(images).float().cpu(), labels.cpu())
        for images, labels in batches.clean(indices, EVALUATION_BATCH)
    ]
    return Features(torch.cat([features for features, _ in found]), torch.cat([labels for _, labels in found]))


def weights_fingerprint(run: RunDir, which: str) -> str:
    """Return what decides the features: a hash of the weights, the data and the preprocessing."""
    data = read_json(run.data)
    digest = hashlib.blake2b(digest_size=16)
    with run.weights(which).open("rb") as opened:
        while block := opened.read(1 << 20):
            digest.update(block)
    digest.update(repr((data["fingerprint"], data["mean"], data["std"], data["image_size"])).encode())
    return digest.hexdigest()


def cache_features(run: RunDir, which: str, network: Network, batches: Batches) -> dict[str, Features]:
    """Compute the features of every split and write them."""
    fingerprint = weights_fingerprint(run, which)
    found = {}
    for split, indices in batches.data.splits.items():
        found[split] = extract(network, batches, indices)
        write_features(run.features(which, split), found[split], f"{fingerprint}-{split}")
    return found


def read_cached(run: RunDir, which: str) -> dict[str, Features] | None:
    """Return the features of every split, or None when they have not been computed yet.

    Raises:
        RunError: a file is damaged, or belongs to other weights or data.
    """
    splits = list(read_json(run.data)["images"])
    if not all(run.features(which, split).exists() for split in splits):
        return None
    fingerprint = weights_fingerprint(run, which)
    return {split: read_features(run.features(which, split), f"{fingerprint}-{split}") for split in splits}
