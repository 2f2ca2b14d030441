"""Focal loss values that keep their digits where a sample is classified correctly with confidence."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def focal_values(logits: Tensor, labels: Tensor, gamma: float) -> Tensor:
    """Return ``(1 - p_y)^gamma * -log p_y`` of each sample, (B,).

    The power is taken as ``exp(gamma * log(1 - p_y))``: for gamma below 1 the gradient of a plain power is infinite
    where p_y rounds to 1.
    """
    log_p = F.log_softmax(logits, dim=1)
    return torch.exp(gamma * log_miss(log_p, labels)) * F.nll_loss(log_p, labels, reduction="none")


def log_miss(log_p: Tensor, labels: Tensor) -> Tensor:
    """Return ``log(1 - p_y)``, (B,), of log-probabilities (B, C): the log of the sum over the other classes.

    It keeps its digits where p_y rounds to 1.
    """
    return log_p.scatter(1, labels[:, None], -math.inf).logsumexp(dim=1)
