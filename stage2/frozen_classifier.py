"""Stage one's classifier in the units of a loss, for the methods that keep it or go on training it."""

import dataclasses

import torch
import torch.nn.functional as F
from torch import Tensor

from decouple.classifier import Classifier
from stage1.losses.loss import Loss
from stage2.fit_result import IncompatibleMethodError


def scaled_for_loss(classifier: Classifier, loss: Loss, loss_name: str, method: str) -> tuple[Classifier, float]:
    """Return the classifier with the loss's own scale, and the divisor of its logits that the loss needs.

    A cosine loss multiplies its cosines by its scale itself; for any other loss the classifier stays as it is, and
    the divisor is 1. The message names `loss_name` and `method`.

    Raises:
        IncompatibleMethodError: the loss needs cosines, and the classifier is linear.
    """
    if loss.classifier != "cosine":
        return classifier, 1.0
    if classifier.kind != "cosine":
        raise IncompatibleMethodError(
            f"`loss={loss_name}` needs cosines, and {method} keeps stage one's classifier, which is {classifier.kind}; "
            "use `method=crt` or `method=mislas`"
        )
    return dataclasses.replace(classifier, scale=loss.scale), loss.scale


def trainable_for_loss(classifier: Classifier, loss: Loss) -> tuple[Classifier, float]:
    """Return what training goes on from, and the divisor of its logits that the loss needs; see `scaled_for_loss`.

    For a loss of cosines a linear classifier becomes the cosine classifier of its rows: its bias is dropped, since
    cosines have none.
    """
    if loss.classifier != "cosine":
        return classifier, 1.0
    return Classifier("cosine", classifier.weight, scale=loss.scale), loss.scale


def scale_rows(classifier: Classifier, factors: Tensor) -> Classifier:
    """Return the classifier whose logits are multiplied by factors (C,).

    A cosine classifier has one scale for all classes, so each class's factor goes into its row.

    Example:
        >>> scale_rows(Classifier("cosine", torch.tensor([[3.0, 4.0]]), scale=10.0), torch.tensor([2.0])).weight
        tensor([[12., 16.]])
    """
    bias = None if classifier.bias is None else classifier.bias * factors
    if classifier.kind == "cosine":
        rows = classifier.scale * F.normalize(classifier.weight, dim=1) * factors[:, None]
        return Classifier("centred", rows, bias, centre=torch.zeros(classifier.weight.shape[1]))
    return Classifier(classifier.kind, classifier.weight * factors[:, None], bias, centre=classifier.centre)
