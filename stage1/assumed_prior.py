"""The class prior that the probabilities of a trained classifier assume."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from decouple.config.table_options import Options
from decouple.evaluation.priors import as_prior
from samplers.probabilities import class_probabilities
from stage1.losses.loss import Loss


def trained_prior(loss: Loss, sampler: str, sampler_options: Options, class_counts: ArrayLike) -> NDArray[np.float64]:
    """Return the class prior under which a classifier was trained, shape (C,), sum 1.

    With s_j the probability that the sampler draws class j at the end of the training, w_j the weight that the loss
    gives to it then, pi_j its share of the training images and e the loss's `prior_exponent`, it is proportional to
    ``s_j * w_j * pi_j^(e - 1)``: s for cross-entropy, pi^(1 - tau) for logit adjustment, 1 / C for balanced softmax.

    Args:
        loss: in the state of the last epoch.
        sampler: name in `samplers.SAMPLERS`.
        sampler_options: of it.
        class_counts: training images per class, (C,), each at least 1.

    Raises:
        DataError: see `samplers.probabilities.class_probabilities`.

    Example:
        >>> import torch
        >>> from stage1.losses.balanced_softmax import BalancedSoftmaxLoss
        >>> trained_prior(BalancedSoftmaxLoss(torch.tensor([90, 10])), "instance", {}, [90, 10])
        array([0.5, 0.5])
    """
    sampled = class_probabilities(sampler, class_counts, progress=1.0, **sampler_options)
    weights = 1.0 if loss.class_weights is None else loss.class_weights.cpu().numpy()
    if loss.prior_exponent == 1:
        return as_prior("class_probabilities", sampled * weights)
    shares = as_prior("class_counts", class_counts)
    return as_prior("class_probabilities", sampled * weights * shares ** (loss.prior_exponent - 1))
