"""The learning rate at every step."""

import math

from stage1.settings import Stage1Config


def learning_rate(config: Stage1Config, step: int, steps_per_epoch: int) -> float:
    """Return the learning rate of a step, counted from 0 over the whole training.

    Warm-up rises linearly to `lr` over its epochs; afterwards `cosine` falls to 0 over the remaining steps,
    ``lr/2 (1 + cos(pi (step - w) / (S - w)))`` with w warm-up steps of S (Loshchilov and Hutter, ICLR 2017, eq. 5),
    `multistep` and `step` multiply by gamma as whole epochs pass, `constant` stays.
    """
    warmup = config.warmup * steps_per_epoch
    if step < warmup:
        return config.lr * (step + 1) / warmup
    epoch = step // steps_per_epoch
    if config.schedule == "cosine":
        rest = max(1, config.epochs * steps_per_epoch - warmup)
        return config.lr / 2 * (1 + math.cos(math.pi * (step - warmup) / rest))
    if config.schedule == "multistep":
        milestones = config.milestones or (round(0.8 * config.epochs), round(0.9 * config.epochs))
        return config.lr * config.gamma ** sum(epoch >= milestone for milestone in milestones)
    if config.schedule == "step":
        return float(config.lr * config.gamma ** (epoch // config.step_size))
    return config.lr
