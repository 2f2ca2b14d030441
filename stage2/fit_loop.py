"""The one loop over cached features that the trained methods share."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from decouple.errors import DecoupleError
from decouple.files.features import Features
from decouple.options import Options
from decouple.precision import autocast, uses_bf16
from decouple.seeding import derive_seed
from decouple.torch_rng import isolated_rng
from samplers import SAMPLERS
from samplers.probabilities import complete_options
from stage1.losses.build import make_loss
from stage1.losses.loss import Loss
from stage2.momentum_sgd import MomentumSGD

LARGE = 2**20  # weights; below it a step is not mostly products, and bfloat16 would save nothing
CPU = torch.device("cpu")


@dataclass(frozen=True, kw_only=True)
class FitSettings:
    """How a classifier is trained on features: SGD whose learning rate falls to 0 along a cosine."""

    sampler: str = "class"
    sampler_options: Options = field(default_factory=dict)
    loss: str = "ce"
    loss_options: Options = field(default_factory=dict)
    epochs: int = 10
    batch_size: int = 128
    lr: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 5e-4
    seed: int = 0
    precision: str = "auto"  # of the products; auto: bf16 where hardware has it and the classifier is large, else fp32

    def loss_for(self, train: Features, num_classes: int) -> Loss:
        """Return the loss of the training images.

        Raises:
            ConfigError: no such loss or option.
            DataError: a class has no image, and the loss needs one.
        """
        return make_loss(self.loss, torch.bincount(train.labels, minlength=num_classes), self.loss_options)


def fit_on_features(
    parameters: Iterable[nn.Parameter],
    logits_of: Callable[[Tensor], Tensor],
    train: Features,
    loss: Loss,
    how: FitSettings,
    after_step: Callable[[], None] | None = None,
) -> None:
    """Train `parameters` in place.

    Args:
        parameters: what is learned.
        logits_of: features (B, D) to what the loss reads, (B, C).
        train: features, of another view at every visit where there are views, and labels.
        loss: see `FitSettings.loss_for`.
        how: sampler and optimiser.
        after_step: called after every step, to keep the parameters where they are allowed to be.

    Raises:
        ConfigError: no such sampler or option.
        DataError: a class has no image, and the sampler needs one.
        DecoupleError: the training diverged.
    """
    learned = list(parameters)
    options = complete_options(how.sampler, how.sampler_options)
    sampler = SAMPLERS[how.sampler](train.labels, seed=how.seed, epochs=how.epochs, **options)
    optimizer = MomentumSGD(learned, momentum=how.momentum, weight_decay=how.weight_decay)
    steps = -(-len(sampler) // how.batch_size)
    large = sum(each.numel() for each in learned) >= LARGE
    bf16 = uses_bf16(how.precision, CPU) and (large or how.precision == "bf16")
    with isolated_rng(CPU) as seed:
        seed(derive_seed(how.seed, "noise"))  # the noise of a loss comes from torch's generator
        for epoch in range(how.epochs):
            sampler.set_epoch(epoch)
            loss.set_epoch(epoch, how.epochs)
            drawn = sampler.draw()
            parts = zip(drawn.tensor_split(steps), train.labels[drawn].tensor_split(steps), strict=True)
            for step, (batch, labels) in enumerate(parts):
                progress = (epoch * steps + step) / (how.epochs * steps)
                rows = train.draw(batch, how.seed, epoch, step)
                with autocast(CPU, bf16):
                    logits = logits_of(rows)
                gradients = torch.autograd.grad(loss(logits, labels, rows), learned)
                optimizer.step(gradients, how.lr / 2 * (1 + math.cos(math.pi * progress)))
                if after_step is not None:
                    after_step()
    if not all(parameter.isfinite().all() for parameter in learned):
        raise DecoupleError(f"the classifier's weights became infinite or not a number at --lr {how.lr:g}; lower it")
