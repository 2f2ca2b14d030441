"""Stage one's classifier for the methods that keep it: in the units that the loss reads."""

import dataclasses

from decouple.classifier import Classifier
from stage1.losses.loss import Loss
from stage2.fit_result import IncompatibleMethodError


def scaled_for_loss(classifier: Classifier, loss: Loss, name: str, method: str) -> tuple[Classifier, float]:
    """Return the classifier with the loss's own scale, and by what to divide its logits for the loss.

    A cosine loss multiplies its cosines by its scale itself; for any other loss the classifier stays as it is, and
    the divisor is 1.

    Raises:
        Unsuitable: the loss `name` needs cosines, and the classifier that `method` keeps is linear.
    """
    if loss.classifier != "cosine":
        return classifier, 1.0
    if classifier.kind != "cosine":
        raise IncompatibleMethodError(
            f"--loss {name} needs cosines, and {method} keeps stage one's classifier, which is {classifier.kind}; "
            "use --method crt"
        )
    return dataclasses.replace(classifier, scale=loss.scale), loss.scale
