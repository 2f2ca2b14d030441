"""The loop over cached features that all trained methods share."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import torch
from torch import Tensor, nn

from decouple.checks import require_mapping, require_text
from decouple.config.table_options import Options, check_options
from decouple.errors import DecoupleError
from decouple.files.features import Features
from decouple.lookup import look_up
from decouple.precision import autocast, uses_bf16
from decouple.seeding import derive_seed
from decouple.torch_rng import isolated_rng
from samplers import SAMPLERS
from samplers.probabilities import complete_options
from stage1.losses import LOSSES
from stage1.losses.build import make_loss
from stage1.losses.loss import Loss
from stage2.fit_inputs import CPU, require_finite
from stage2.hyperparameter_checks import require_hyperparameters
from stage2.method import PriorSource
from stage2.momentum_sgd import MomentumSGD

BF16_THRESHOLD = 2**20  # weights; with fewer a step is not mostly products, and bfloat16 would save nothing


@dataclass(frozen=True, kw_only=True)
class FitSettings:
    """How a classifier is trained on features: SGD whose learning rate falls to 0 along a cosine.

    Raises:
        ConfigError: a setting is outside its range, or there is no such sampler, loss or option.
    """

    reads_features: ClassVar[bool] = True
    trained: ClassVar[bool] = True
    has_weight_norms: ClassVar[bool] = True
    prior: ClassVar[PriorSource] = "trained"
    searchable: ClassVar[bool] = False

    sampler: str = "class"
    sampler_options: Options = field(default_factory=dict)
    loss: str = "ce"
    loss_options: Options = field(default_factory=dict)
    epochs: int = 10  # of as many draws as there are training images
    batch_size: int = 128
    lr: float = 0.1  # at the start
    momentum: float = 0.9
    weight_decay: float = 5e-4  # L2 coefficient added to the gradient each step
    seed: int = 0
    precision: str = "auto"  # of the products; auto: bf16 where hardware has it and the classifier is large, else fp32

    def __post_init__(self) -> None:
        require_hyperparameters(self)
        for name in ("sampler", "loss"):
            require_text(name, getattr(self, name))
            require_mapping(f"{name}_options", getattr(self, f"{name}_options"))
        complete_options(self.sampler, self.sampler_options)
        check_options(look_up(LOSSES, self.loss, "loss"), self.loss, "loss", self.loss_options)

    def make_loss(self, train: Features, num_classes: int) -> Loss:
        """Return the loss of the training images.

        Raises:
            ConfigError: the loss refuses the value of an option.
            DataError: a class has no image, and the loss needs one.
        """
        return make_loss(self.loss, torch.bincount(train.labels, minlength=num_classes), self.loss_options)


def fit_on_features(
    parameters: Iterable[nn.Parameter] | Mapping[nn.Parameter, float],
    compute_logits: Callable[[Tensor], Tensor],
    train: Features,
    loss: Loss,
    settings: FitSettings,
    after_step: Callable[[], None] | None = None,
) -> None:
    """Train `parameters` in place.

    Args:
        parameters: what is learned; a mapping also holds the factor of each one's learning rate.
        compute_logits: maps features (B, D) to what the loss reads, (B, C).
        train: features, of another view at every visit where there are views, and labels.
        loss: see `FitSettings.make_loss`.
        settings: sampler and optimizer.
        after_step: called after every step, to project the parameters back into the allowed region.

    Raises:
        DataError: a class has no image, and the sampler needs one.
        DecoupleError: the training diverged.
    """
    learned = list(parameters)
    factors = list(parameters.values()) if isinstance(parameters, Mapping) else None
    options = complete_options(settings.sampler, settings.sampler_options)
    sampler = SAMPLERS[settings.sampler](train.labels, seed=settings.seed, epochs=settings.epochs, **options)
    optimizer = MomentumSGD(learned, momentum=settings.momentum, weight_decay=settings.weight_decay, lr_factors=factors)
    steps = -(-len(sampler) // settings.batch_size)
    bf16 = _uses_bf16(settings.precision, sum(parameter.numel() for parameter in learned))
    with isolated_rng(CPU) as seed:
        seed(derive_seed(settings.seed, "noise"))  # the noise of a loss comes from torch's generator
        for epoch in range(settings.epochs):
            sampler.set_epoch(epoch)
            loss.set_epoch(epoch, settings.epochs)
            drawn = sampler.draw()
            batches = zip(drawn.tensor_split(steps), train.labels[drawn].tensor_split(steps), strict=True)
            for step, (indices, labels) in enumerate(batches):
                features = train.draw(indices, settings.seed, epoch, step)
                with autocast(CPU, bf16):
                    logits = compute_logits(features)
                gradients = torch.autograd.grad(loss(logits, labels, features), learned)
                optimizer.step(gradients, _cosine_lr(settings, epoch * steps + step, settings.epochs * steps))
                if after_step is not None:
                    after_step()
    if not all(parameter.isfinite().all() for parameter in learned):
        for features, _ in train.chunks():
            require_finite(features)
        raise DecoupleError(
            f"the classifier's weights became infinite or not a number at `lr={settings.lr:g}`; lower it"
        )


def _uses_bf16(precision: str, num_weights: int) -> bool:
    return uses_bf16(precision, CPU) and (num_weights >= BF16_THRESHOLD or precision == "bf16")


def _cosine_lr(settings: FitSettings, step: int, steps: int) -> float:
    return settings.lr / 2 * (1 + math.cos(math.pi * (step / steps)))
