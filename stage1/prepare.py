"""From settings to a training that can begin, with all checks of the settings against each other and the data."""

import copy
import dataclasses
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from decouple.datasets.data import TRAIN, Data, Indices
from decouple.datasets.reading import load_with_progress
from decouple.datasets.settings import FILES
from decouple.device import choose_device, use_fitting_threads
from decouple.errors import ConfigError
from decouple.precision import uses_bf16
from decouple.torch_rng import isolated_rng
from samplers import SAMPLERS
from samplers.class_first import ClassFirstSampler
from samplers.probabilities import complete_options
from stage1.augment import Augmentation
from stage1.backbones.build import expected_normalization, image_size_for
from stage1.batches import Batches, channel_statistics
from stage1.classifier import classifier_for
from stage1.compiled import compiled
from stage1.device_cache import choose_device_cache
from stage1.feature_norms import ClassNormRecord
from stage1.loggers.build import require_loggers
from stage1.losses.build import make_loss
from stage1.losses.loss import Loss
from stage1.mixup import BatchAugmentation
from stage1.mixup.build import make_batch_augmentation, require_mixable_loss
from stage1.network import Network, make_network
from stage1.normalization import Normalization
from stage1.optimizers import make_optimizer, require_optimizer
from stage1.settings import COSINE_SCALE, Stage1Config
from stage1.trained_part import freeze
from stage1.trainer import Training


def load_for(config: Stage1Config) -> Data:
    """Return the data of the settings; image files are read at the size that the model expects, and cached."""
    require_methods(config)  # before a long read, not after it
    choose_device(config.device)
    size = image_size_for(config.model)  # for any data: a wrong model name is an error before a long read
    if config.data in FILES and config.image_size is None:
        config = dataclasses.replace(config, image_size=size)
    return load_with_progress(config, None if config.no_image_cache else Path(config.runs, ".cache"))


def require_methods(config: Stage1Config) -> None:
    """Check names and options of loss, sampler and batch augmentation, and their combination; no data set is needed.

    Raises:
        ConfigError: a name, an option or the combination is wrong.
    """
    counts = torch.tensor([2, 1])
    loss, augmentation = _make_loss(config, counts), _make_batch_augmentation(config, counts)
    classifier_type, _ = classifier_for(config.classifier, loss, config.loss, config.cosine_scale)
    if config.cosine_scale != COSINE_SCALE and (classifier_type == "linear" or loss.classifier == "cosine"):
        own_scale = "it has a scale of its own: `loss_options=scale=...`"
        reason = "its classifier is linear" if classifier_type == "linear" else own_scale
        raise ConfigError(f"`cosine_scale` has no meaning for `loss={config.loss}`; {reason}")
    require_mixable_loss(augmentation, loss, config.loss)
    _make_sampler(config, np.array([0, 1]))
    require_loggers(config.log)
    require_optimizer(config.optimizer, config.optimizer_options)


def make_training(config: Stage1Config, data: Data, normalization: Normalization | None = None) -> Training:
    """Return a training before its first step.

    Args:
        config: settings.
        data: images.
        normalization: of the run that is continued or used; None: a new run, the settings choose.

    Raises:
        ConfigError: an unknown loss, sampler, model or device, or a model that cannot take these images or batches.
    """
    device = choose_device(config.device)
    side = image_side(data)
    use_fitting_threads(device, side)
    counts = torch.from_numpy(data.class_counts)
    loss = _make_loss(config, counts)
    classifier_type, scale = classifier_for(config.classifier, loss, config.loss, config.cosine_scale)
    bf16 = uses_bf16(config.precision, device)
    network = make_network(config, side, len(data.class_names), classifier_type, scale, bf16=bf16)
    network.to(memory_format=torch.channels_last).to(device)
    freeze(network, config)
    train, augmentation = data.splits[TRAIN], _choose_augmentation(config, data, side)
    device_cache = choose_device_cache(config.resident, data, len(train), augmentation, device)
    sampler = _make_sampler(config, data.labels[train])
    training = Training(
        config=config,
        network=network,
        forward=compiled(network, device) if config.compile else network,
        loss=loss.to(device),
        batch_augmentation=_make_batch_augmentation(config, counts),
        optimizer=_make_optimizer(config, network),
        batches=Batches(data, normalization or _choose_normalization(config, data), device, device_cache),
        sampler=sampler,
        train=train,
        augmentation=augmentation,
        totals=torch.zeros(3, dtype=torch.float64, device=device),
        class_norms=ClassNormRecord.empty(len(data.class_names), device),
    )
    if len(sampler) // training.steps_per_epoch == 1:
        _check_single_images(network, side, device)
    return training


def _choose_normalization(config: Stage1Config, data: Data) -> Normalization:
    if config.pretrained is None or config.normalize == "data":
        return channel_statistics(data)
    expected = expected_normalization(config.model)
    if expected is not None:
        return Normalization(*expected)
    if config.normalize == "pretrained":
        raise ConfigError(f"the normalization that weights of '{config.model}' expect is unknown; use `normalize=data`")
    return channel_statistics(data)


def image_side(data: Data) -> int:
    """Return height (= width) of the images in pixels."""
    return int(data.pixels.read(np.zeros(1, dtype=np.int64)).shape[1])


def _check_single_images(network: Network, side: int, device: torch.device) -> None:
    """Run a batch of one image: batch norm may refuse it, which is better now than in the middle of an epoch."""
    try:
        with torch.no_grad(), isolated_rng(device):  # dropout draws
            copy.deepcopy(network).train()(torch.zeros(1, 3, side, side, device=device))
    except ValueError:
        raise ConfigError(
            "batches of one image are too small for the batch norm of this model; raise `batch_size` to 3 or more"
        ) from None


def _make_sampler(config: Stage1Config, labels: Indices) -> ClassFirstSampler:
    options = complete_options(config.sampler, config.sampler_options)
    return SAMPLERS[config.sampler](labels, seed=config.seed, epochs=config.epochs, **options)


def _make_loss(config: Stage1Config, counts: Tensor) -> Loss:
    return make_loss(config.loss, counts, config.loss_options, config.drw_options if config.drw else None)


def _make_batch_augmentation(config: Stage1Config, counts: Tensor) -> BatchAugmentation | None:
    return None if config.mix == "none" else make_batch_augmentation(config.mix, counts, config.mix_options)


def _make_optimizer(config: Stage1Config, network: Network) -> torch.optim.Optimizer:
    return make_optimizer(
        config.optimizer,
        [parameter for parameter in network.parameters() if parameter.requires_grad],
        lr=config.initial_lr,
        weight_decay=config.weight_decay,
        momentum=config.momentum,
        options=config.optimizer_options,
    )


def _choose_augmentation(config: Stage1Config, data: Data, side: int) -> Augmentation:
    if config.augment == "none":
        return Augmentation(padding=0, hflip=False)
    if config.augment == "crop-flip" and not data.flippable:
        raise ConfigError(f"a horizontal flip changes the class of images of '{config.data}'; use `augment=crop`")
    return Augmentation(padding=max(1, side // 8), hflip=data.flippable and config.augment != "crop")
