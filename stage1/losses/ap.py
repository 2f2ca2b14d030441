"""AP loss: correct scores are ranked above wrong ones, over the whole batch."""

from typing import Any, Literal, get_args

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from decouple.checks import require_choice, require_flag, require_number
from decouple.errors import ConfigError
from stage1.losses.input_checks import require_batch
from stage1.losses.loss import Loss, at_least_float32, effective_number_weights
from stage1.losses.target import target_logits

Balance = Literal["none", "delta", "delta_divide", "primary"]
_COMPARISONS_CHUNK = 1 << 22  # numbers in one temporary tensor, 32 MB


class APLoss(Loss):
    """Share of wrong scores among those ranked above a correct one, averaged over the correct scores of the batch.

    Every logit of the batch is one score: that of a sample's own class is a positive, the others are negatives. With
    the step ``H_d(v) = clamp(v / (2 d) + 1/2, 0, 1)`` a positive i of threshold d_i has
    ``FP = sum over negatives j of H(s_j - s_i)`` and ``rank = 1 + sum over other positives p of H(s_p - s_i) + FP``.
    The loss is ``mean_i w_i FP_i / rank_i``, in [0, 1) where all w are 1. H is flat almost everywhere, so the gradient
    is replaced by the error-driven update: ``-w_i FP_i / rank_i / B`` for a positive and
    ``sum_i w_i H(s_j - s_i) / rank_i / B`` for a negative. They sum to 0. That of a
    positive is at most w / B, as with cross-entropy, so learning rates of cross-entropy work: on a small test problem
    those from 0.02 to 0.2 did, with momentum 0.9.

    The precision of a positive is ``1 - FP_i / rank_i``. The public code interpolates it: it takes the largest
    precision among the positives that rank no higher. Here it is not interpolated.

    ``cw_j ~ (1 - beta) / (1 - beta^n_j)``, scaled to sum C, balances the classes. balance none is without (d = delta,
    w = 1), delta has larger thresholds in the tail (d = delta cw_y), delta_divide smaller ones (d = delta / cw_y), and
    primary has weights (w = cw_y). With progressive, cw is ``(1 - x) + x cw`` at progress x.

    Source: Chen et al., CVPR 2019, arXiv:1904.06373, section 3 (the loss and its update); Gülmez, master's thesis, METU
    2024, sections 3.2 and 3.3 (balance) and 4.3 (progressive).
    Use: balance delta, where ranking within a batch is the objective; without balance it does no more for the tail than
    cross-entropy.

    Args:
        class_counts: training images per class n_j, shape (C,), each at least 1 unless balance is none.
        delta: half the width of the step, in logits, above 0.
        balance: what the class weights act on.
        beta: in [0, 1]; 1 is weights of 1 / n_j.
        progressive: whether the class weights grow with the progress.

    Raises:
        ConfigError: an option is outside its range, or the loss of a single sample is requested.
        DataError: a class has no image, and balance is not none.

    Example:
        One positive and one negative of equal score: FP = 1/2, rank = 1 + 1/2, and the loss is 1/3.

        >>> loss = APLoss(torch.tensor([3, 1]))
        >>> loss(torch.zeros(1, 2), torch.tensor([1]))
        tensor(0.3333)
    """

    reweightable = False
    balances: Tensor

    prior_exponent = 0.0  # it ranks the images of a class above all others, however rare

    def __init__(
        self,
        class_counts: Tensor,
        *,
        delta: float = 1.0,
        balance: Balance = "none",
        beta: float = 0.9999,
        progressive: bool = False,
    ) -> None:
        super().__init__(class_counts, empty_classes=balance == "none")
        require_number("delta", delta, above=0, usual="1 is usual")
        require_choice("balance", balance, get_args(Balance))
        require_flag("progressive", progressive)
        self.delta, self.balance, self.progressive = delta, balance, progressive
        weights = effective_number_weights(self.class_counts.clamp(min=1), beta)
        self.register_buffer("balances", weights, persistent=False)

    def forward(self, logits: Tensor, labels: Tensor, features: Tensor | None = None) -> Tensor:
        """Return the loss of the batch, float32 or finer: logits (B, C), labels (B,) int64; features are not used."""
        require_batch(len(self.class_counts), self.class_counts.device, logits, labels, features)
        share = self.progress if self.progressive else 1.0
        balances = (1 - share + share * self.balances)[labels]
        weights, thresholds = torch.ones_like(balances), torch.full_like(balances, self.delta)
        if self.balance == "delta":
            thresholds = self.delta * balances
        elif self.balance == "delta_divide":
            thresholds = self.delta / balances
        elif self.balance == "primary":
            weights = balances
        loss: Tensor = _ErrorDriven.apply(at_least_float32(logits), labels, weights, thresholds)
        return loss

    def per_sample(self, logits: Tensor, labels: Tensor, features: Tensor | None) -> Tensor:
        """Raise a ConfigError: a rank exists only among the scores of a batch."""
        raise ConfigError(
            "ap ranks all scores of a batch together and has no loss per sample; call loss(logits, labels)"
        )


class _ErrorDriven(torch.autograd.Function):
    """The loss, with the error-driven update as its gradient."""

    @staticmethod
    def forward(ctx: Any, logits: Tensor, labels: Tensor, weights: Tensor, thresholds: Tensor) -> Tensor:
        """Return the loss of logits (B, C) and labels, weights and thresholds (B,)."""
        loss, update = ranking_loss(logits.double(), labels, weights, thresholds)
        ctx.save_for_backward(update.to(logits.dtype))
        return loss.to(logits.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor, None, None, None]:
        """Return the update times the gradient of the output."""
        (update,) = ctx.saved_tensors
        return grad_output * update, None, None, None


def ranking_loss(scores: Tensor, labels: Tensor, weights: Tensor, thresholds: Tensor) -> tuple[Tensor, Tensor]:
    """Return the loss and its error-driven update (B, C) of scores (B, C); the others (B,); float64 throughout.

    As a function of a negative's score, the step of each positive is linear between the 2B ends s_i - d_i and s_i + d_i
    of all steps. So the B (B C) comparisons are not needed: sums over negatives follow from how many there are between
    two ends and how far they lie beyond the lower one, and sums over positives are interpolated from their values at
    the ends. That is exact, subtracts no large numbers, and costs O(B C log B + B^2).
    """
    own = target_logits(scores, labels)
    low, high = own - thresholds, own + thresholds
    ends = torch.cat([low, high]).sort().values
    flat = torch.maximum(scores.flatten(), ends[0])  # below the lowest end all steps are 0, as they are at it
    below = torch.bucketize(flat, ends, right=True) - 1  # the end below each score
    beyond = flat - ends[below]
    negative = torch.ones_like(scores).scatter_(1, labels[:, None], 0.0).flatten()
    count = torch.zeros_like(ends).index_add_(0, below, negative)
    distance = torch.zeros_like(ends).index_add_(0, below, negative * beyond)
    errors, at_ends, slopes_at_ends = [], torch.zeros_like(ends), torch.zeros_like(ends)
    rows = max(1, _COMPARISONS_CHUNK // len(ends))
    for first, last, w in zip(*(torch.split(values, rows) for values in (low, high, weights)), strict=True):
        steps = _steps(ends, first, last)
        slopes = ((ends >= first[:, None]) & (ends < last[:, None])) / (last - first)[:, None]
        false_positives = steps @ count + slopes @ distance
        rank = 0.5 + _steps(own, first, last).sum(dim=1) + false_positives  # its own step is H(0) = 1/2, it counts 1
        errors.append(w * false_positives / rank)
        at_ends += (w / rank) @ steps
        slopes_at_ends += (w / rank) @ slopes
    error = torch.cat(errors)
    update = negative * (at_ends[below] + slopes_at_ends[below] * beyond)
    update = update.view_as(scores).scatter_(1, labels[:, None], -error[:, None])
    return error.mean(), update / len(scores)


def _steps(scores: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Return what each positive's step, from `low` to `high` (P,), gives at scores (K,), (P, K)."""
    return ((scores - low[:, None]) / (high - low)[:, None]).clamp(0, 1)
