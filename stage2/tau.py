"""tau-normalisation: divide each class's weights by a power of their norm."""

from dataclasses import dataclass

import torch
from torch import Tensor

from decouple.datasets.data import VAL
from decouple.errors import ConfigError
from decouple.features import Features
from decouple.head import Head
from stage2.fitted import Curve, Fitted, Splits

GRID = tuple(round(0.02 * step, 2) for step in range(101))  # 0 to 2


@dataclass(frozen=True, kw_only=True)
class TauNorm:
    """tau-normalisation: ``w~_j = w_j / |w_j|_2^tau``; the bias is dropped unless `keep_bias`.

    tau 0 with the bias kept is stage one, bit for bit; tau 1 gives all rows norm 1. A cosine classifier ignores norms
    by itself, so its raw weights are used as a linear classifier.

    Source: Kang et al., ICLR 2020, arXiv:1910.09217, section 4.3.
    Use: no training at all; where head classes have longer weights than tail classes, as after plain training.
    """

    tau: float | None = None  # None: the best of GRID on the validation split, by balanced accuracy
    keep_bias: bool = False

    def fit(self, head: Head, splits: Splits) -> Fitted:
        """Return the normalised classifier.

        Raises:
            ConfigError: tau is to be chosen and there is no validation split.
        """
        if self.tau is not None:
            return Fitted(normalised(head, self.tau, self.keep_bias), choice(head, self.tau, "the user"))
        recalls = tau_recalls(head, require_validation(splits), GRID, self.keep_bias)
        best = GRID[int(recalls.nanmean(dim=1).round(decimals=9).argmax())]  # of equal ones the smallest tau
        how = f"balanced accuracy on validation, {len(GRID)} values in [{GRID[0]:g}, {GRID[-1]:g}]"
        return Fitted(normalised(head, best, self.keep_bias), choice(head, best, how), Curve("tau", GRID, recalls))


def require_validation(splits: Splits) -> Features:
    """Return the validation split.

    Raises:
        ConfigError: there is none.
    """
    if VAL not in splits:
        raise ConfigError(
            "tau is chosen on a validation split and this run has none; train with --val-fraction above 0, "
            "or give a value: decouple stage2 --method tau --tau 1"
        )
    return splits[VAL]


def choice(head: Head, tau: float, by: str) -> dict[str, float | str]:
    """Return what `Fitted.chosen` says of tau; of a cosine classifier it says that the raw weights were used."""
    note = "; the raw weights of the cosine classifier, used as a linear one" if head.kind == "cosine" else ""
    return {"tau": tau, "by": by + note}


def normalised(head: Head, tau: float, keep_bias: bool) -> Head:
    """Return the classifier whose rows are divided by their norm to the power tau."""
    weight = head.weight / _norms(head).pow(tau)[:, None]
    return Head("linear", weight, head.bias if keep_bias else None)


def tau_recalls(head: Head, found: Features, taus: tuple[float, ...], keep_bias: bool) -> Tensor:
    """Return the recall of each class at each tau, (T, C), NaN for absent classes.

    The product of features and weights is taken once: a row's norm only scales its column.
    """
    products, norms = found.features @ head.weight.T, _norms(head)
    counts = torch.bincount(found.labels, minlength=len(norms)).double()
    recalls = []
    for tau in taus:
        logits = products / norms.pow(tau)
        if keep_bias and head.bias is not None:
            logits += head.bias
        right = (logits.argmax(dim=1) == found.labels).double()
        recalls.append(torch.zeros_like(counts).index_add_(0, found.labels, right) / counts)
    return torch.stack(recalls)


def _norms(head: Head) -> Tensor:
    """Return |w_j|, and 1 for a row of zeros, which so stays one."""
    norms = head.weight.norm(dim=1)
    return torch.where(norms > 0, norms, 1.0)
