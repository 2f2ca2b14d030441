"""The learning rate at every step."""

import math

from decouple.checks import require_whole
from stage1.settings import Stage1Config


def learning_rate(config: Stage1Config, step: int, steps_per_epoch: int) -> float:
    """Return the learning rate of a step; steps count from 0 over all epochs.

    Warm-up rises linearly to `lr` over its epochs; afterwards `cosine` falls to 0 over the remaining steps,
    ``lr/2 (1 + cos(pi (step - w) / (S - w)))`` with w warm-up steps of S (Loshchilov and Hutter, ICLR 2017, eq. 5),
    `multistep` multiplies by gamma at each milestone, `step` every `step_size` epochs, `constant` never.

    Args:
        config: schedule, initial_lr, epochs, warmup_epochs, milestones, step_size and gamma.
        step: 0 or more.
        steps_per_epoch: 1 or more.

    Raises:
        ConfigError: step or steps_per_epoch is outside its range.

    Example:
        Two epochs of warm-up are 10 steps, the first of which has lr / 10. After half of the remaining 40 steps the
        cosine is 0, which leaves lr / 2.

        >>> config = Stage1Config(epochs=10, lr=0.1, warmup_epochs=2)
        >>> learning_rate(config, 0, 5), learning_rate(config, 30, 5)
        (0.01, 0.05)
    """
    require_whole("step", step, at_least=0)
    require_whole("steps_per_epoch", steps_per_epoch, at_least=1)
    warmup = config.warmup * steps_per_epoch
    if step < warmup:
        return config.initial_lr * (step + 1) / warmup
    epoch = step // steps_per_epoch
    if config.schedule == "cosine":
        rest = max(1, config.epochs * steps_per_epoch - warmup)
        return config.initial_lr / 2 * (1 + math.cos(math.pi * (step - warmup) / rest))
    if config.schedule == "multistep":
        milestones = config.milestones or (round(0.8 * config.epochs), round(0.9 * config.epochs))
        return config.initial_lr * config.gamma ** sum(epoch >= milestone for milestone in milestones)
    if config.schedule == "step":
        return float(config.initial_lr * config.gamma ** (epoch // config.step_size))
    return config.initial_lr
