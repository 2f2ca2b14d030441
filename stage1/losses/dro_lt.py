"""DRO-LT: cross-entropy, and features that stay near the centroid of their class under a margin for rare classes."""

from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from decouple.checks import require_number
from decouple.errors import ConfigError
from stage1.losses.input_checks import require_batch
from stage1.losses.loss import Loss, at_least_float32

_STATE = ("centroids", "sums")  # (C, D): their width is known when the first features come


class DROLTLoss(Loss):
    """Cross-entropy and a loss of the features that is robust to a wrong estimate of their class's centroid.

    ``(1 - weight) CE + weight R``. R is the mean over the classes c of the batch, and over the samples i of a class, of
    ``-log softmax_i(-(d(m_c, f_k) + 2 e_c [y_k = c]) / temperature)``: among all samples k of the batch those of class
    c are to be nearest to the centroid m_c, even where it is off by e_c = epsilon / sqrt(n_c). d is the euclidean
    distance. m_c is the mean of the features of class c in the epoch before, as training saw them, and has no gradient;
    in the first epoch the loss is cross-entropy.

    The public code computes the centroids anew before each epoch, learns the margins, has a temperature of 0.07, trains
    the features under R alone or with cross-entropy, and then a classifier for 20 epochs; here that is crt. It also
    augments by AutoAugment and Cutout, which is left out here.

    Source: Samuel and Chechik, ICCV 2021, arXiv:2104.03066, the upper bound of the robustness loss with shared epsilon.
    Use: stage one, before crt; epsilon and weight tuned on the validation split.

    Args:
        class_counts: training images per class n_c, shape (C,), each at least 1.
        weight: share of R, in [0, 1]; 0 is cross-entropy.
        epsilon: margin of a class of one image, in units of the features, 0 or more.
        temperature: divisor of the distances, above 0; the paper has none, which is 1.

    Raises:
        ConfigError: an option is outside its range.
        DataError: a class has no image.

    Example:
        Centroids (0) and (4) of the first epoch. In the second a sample of each class lies on them: the own distance is
        the margin of 2, the other 4. Both terms are log(1 + e^(2 - 4)).

        >>> loss = DROLTLoss(torch.tensor([1, 1]), weight=1.0, epsilon=1.0)
        >>> features, labels = torch.tensor([[0.0], [4.0]]), torch.tensor([0, 1])
        >>> for epoch in range(2):
        ...     loss.set_epoch(epoch, 2)
        ...     value = loss(torch.zeros(2, 2), labels, features)
        >>> value
        tensor(0.1269)
    """

    reweightable = False
    needs_features = True
    margins: Tensor
    centroids: Tensor
    sums: Tensor
    counts: Tensor
    observed_epoch: Tensor

    def __init__(
        self, class_counts: Tensor, *, weight: float = 0.5, epsilon: float = 1.0, temperature: float = 1.0
    ) -> None:
        super().__init__(class_counts)
        require_number("weight", weight, at_least=0, at_most=1, usual="0.5 is usual")
        require_number("epsilon", epsilon, at_least=0, usual="1 is a start")
        require_number("temperature", temperature, above=0, usual="1 is usual")
        self.weight, self.temperature = weight, temperature
        self.register_buffer("margins", 2 * epsilon / self.class_counts.sqrt(), persistent=False)
        for name in _STATE:
            self.register_buffer(name, self.class_counts.new_zeros(len(self.class_counts), 0))
        self.register_buffer("counts", torch.zeros_like(self.class_counts))
        self.register_buffer("observed_epoch", self.class_counts.new_tensor(-1.0))

    def set_epoch(self, epoch: int, epochs: int) -> None:
        """Move to epoch `epoch`, from 0, of `epochs`; in another than before the centroids are those of the last."""
        super().set_epoch(epoch, epochs)
        if float(self.observed_epoch) == epoch:
            return
        self.observed_epoch.fill_(epoch)
        if self.counts.any():
            means = self.sums / self.counts[:, None].clamp(min=1)
            earlier = self.centroids if self.centroids.shape == means.shape else torch.full_like(means, torch.inf)
            self.centroids = torch.where(self.counts[:, None] > 0, means, earlier)  # infinite: none yet
            self.sums, self.counts = torch.zeros_like(self.sums), torch.zeros_like(self.counts)

    def forward(self, logits: Tensor, labels: Tensor, features: Tensor | None = None) -> Tensor:
        """Return the loss of the batch, float32 or finer; in training mode the features join the next centroids.

        Args:
            logits: (B, C).
            labels: (B,) int64.
            features: (B, D).

        Raises:
            ConfigError: there are no features.
            DataError: a shape, type or device is wrong.
        """
        require_batch(len(self.class_counts), self.class_counts.device, logits, labels, features)
        if features is None:
            raise ConfigError("DROLTLoss needs the features beside the logits: loss(logits, labels, f)")
        cross_entropy = F.cross_entropy(at_least_float32(logits), labels)
        if self.training:
            self._observe(features.detach().double(), labels)
        if self.centroids.shape[1] != features.shape[1]:
            return cross_entropy
        return (1 - self.weight) * cross_entropy + self.weight * self.robustness(at_least_float32(features), labels)

    def robustness(self, features: Tensor, labels: Tensor) -> Tensor:
        """Return R of features (B, D) and labels (B,); classes without a centroid do not count."""
        centroids = self.centroids.to(features.dtype)[labels]
        known = centroids.isfinite().all(dim=1)
        centroids = torch.where(known[:, None], centroids, torch.zeros_like(centroids))
        distances = torch.cdist(centroids, features, compute_mode="donot_use_mm_for_euclid_dist")
        same = (labels[:, None] == labels).to(features.dtype)
        scores = -(distances + self.margins.to(features.dtype)[labels][:, None] * same) / self.temperature
        values = scores.logsumexp(dim=1) - scores.diagonal()
        weights = known.to(features.dtype) / same.sum(dim=1)  # each class of the batch counts alike
        return (weights * values).sum() / weights.sum().clamp(min=torch.finfo(features.dtype).tiny)

    def per_sample(self, logits: Tensor, labels: Tensor, features: Tensor | None) -> Tensor:
        """Raise a ConfigError: the samples of a batch are compared with each other."""
        raise ConfigError("dro_lt compares the samples of a batch and has no loss per sample; call loss(logits, ...)")

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False) -> Any:
        """Restore the centroids and what the running epoch has added; see `torch.nn.Module.load_state_dict`."""
        for name in _STATE:
            if name in state_dict:  # of the width that the features had
                self.register_buffer(name, self.class_counts.new_zeros(state_dict[name].shape))
        return super().load_state_dict(state_dict, strict, assign)

    def _observe(self, features: Tensor, labels: Tensor) -> None:
        if self.sums.shape[1] != features.shape[1]:
            self.sums = features.new_zeros(len(self.class_counts), features.shape[1])
        self.sums.index_add_(0, labels, features)
        self.counts.index_add_(0, labels, torch.ones_like(labels, dtype=self.counts.dtype))
