"""The training loss on test images, which some published tables print as the loss of a method."""

import dataclasses
from collections.abc import Mapping

import torch
from torch import Tensor

from decouple.class_counts import class_groups
from decouple.classifier import Classifier
from decouple.datasets.data import TRAIN
from decouple.files.features import Features
from decouple.files.run_dir import RunDir
from decouple.group_schemes import GroupScheme, scaled_sizes
from stage1.losses.build import make_loss
from stage1.losses.loss import Loss
from stage1.settings import Stage1Config
from stage2.saved_classifiers import load_saved_classifier, open_evaluation_set

ALL = "all"


def training_losses(
    run: RunDir, config: Stage1Config, weights: str, entry: str, groups: GroupScheme
) -> dict[str, dict[str, float | None]]:
    """Return the mean training loss of a classifier on each split but the training one: split -> all and groups.

    The loss is that of stage one at its last epoch, in evaluation mode, and the mean is over batches of the size of the
    training, in the order of the images. None where the loss needs cosines and the classifier has none, or a group has
    no image.

    Args:
        run: a finished run with cached features.
        config: its settings.
        weights: its stage-one weights, last or best.
        entry: the saved classifier; none is stage one's own.
        groups: scheme of the groups.
    """
    data = run.read_data()
    loss = make_loss(
        config.loss,
        torch.tensor(data.class_counts),
        config.loss_options,
        config.drw_options if config.drw else None,
    ).eval()
    loss.set_epoch(config.epochs - 1, config.epochs)
    counts = list(data.group_counts)
    members = {
        name: torch.from_numpy(classes)
        for name, classes in class_groups(counts, scaled_sizes(groups, len(counts))).items()
    }
    classifier = load_saved_classifier(run, weights, entry)
    splits = [split for split in data.images if split != TRAIN]
    return {
        split: mean_losses(
            loss, classifier, open_evaluation_set(run, weights, split).features, members, config.batch_size
        )
        for split in splits
    }


@torch.no_grad()
def mean_losses(
    loss: Loss, classifier: Classifier, features: Features, groups: Mapping[str, Tensor], batch_size: int
) -> dict[str, float | None]:
    """Return the mean loss on all images and on those of each group of classes; see `training_losses`."""
    if loss.classifier == "cosine":
        if classifier.kind != "cosine":
            return dict.fromkeys((ALL, *groups))
        classifier = dataclasses.replace(classifier, scale=1.0)
    logits = classifier.logits(features.features)
    rows = {ALL: torch.arange(len(features.labels))}
    for name, classes in groups.items():
        rows[name] = torch.isin(features.labels, classes).nonzero().flatten()
    return {
        name: _mean(loss, logits, features, images, batch_size) if len(images) else None
        for name, images in rows.items()
    }


def _mean(loss: Loss, logits: Tensor, features: Features, images: Tensor, batch_size: int) -> float:
    total = 0.0
    for batch in torch.split(images, batch_size):
        value = loss(logits[batch], features.labels[batch], features.features[batch])
        total += float(value) * len(batch)
    return total / len(images)
