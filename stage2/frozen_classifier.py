"""Stage one's classifier in the units of a loss, for the methods that keep it."""

import dataclasses

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
            "use `method=crt`"
        )
    return dataclasses.replace(classifier, scale=loss.scale), loss.scale
