import pytest
import torch

from decouple.classifier import Classifier
from decouple.errors import ConfigError
from decouple.files.features import Features
from stage2.fit_result import IncompatibleMethodError
from stage2.methods.crt import ClassifierRetraining
from stage2.methods.los import LabelOverSmoothing

SHAPE = Classifier("linear", torch.zeros(3, 2), torch.zeros(3))
ROWS = torch.randn(30, 2, generator=torch.Generator().manual_seed(0))
TRAIN = Features(ROWS, torch.arange(30) % 3)


@pytest.mark.parametrize("classifier", [SHAPE, Classifier("cosine", torch.zeros(3, 2), scale=9.0)])
def test_without_smoothing_it_is_crt_on_all_images(classifier: Classifier) -> None:
    los = LabelOverSmoothing(smoothing=0.0).fit(classifier, {"train": TRAIN}).classifier
    crt = ClassifierRetraining(sampler="instance", epochs=20, weight_decay=0.0).fit(classifier, {"train": TRAIN})
    assert torch.equal(los.logits(ROWS), crt.classifier.logits(ROWS))


@pytest.mark.parametrize(("smoothing", "own"), [(0.98, 0.02 + 0.98 / 3), (0.4, 0.6 + 0.4 / 3)])
def test_separable_images_reach_the_targets_whatever_the_counts(smoothing: float, own: float) -> None:
    # One feature for each class, and 50 : 5 : 1 images: the probabilities do not depend on the counts.
    labels = torch.tensor([0] * 50 + [1] * 5 + [2])
    train = Features(torch.eye(3)[labels], labels)
    shape = Classifier("linear", torch.zeros(3, 3))
    fitted = LabelOverSmoothing(smoothing=smoothing, epochs=400, lr=1.0).fit(shape, {"train": train}).classifier
    expected = torch.full((3, 3), (1 - own) / 2).fill_diagonal_(own)
    torch.testing.assert_close(fitted.logits(torch.eye(3)).softmax(dim=1), expected, atol=0.01, rtol=0)


def test_the_published_target_of_100_classes() -> None:
    # The loss of logits log(targets) is the entropy of the targets, the smallest there is.
    train = Features(torch.zeros(100, 1), torch.arange(100))
    loss = LabelOverSmoothing().make_loss(train, 100)
    targets = torch.full((1, 100), 0.0098).index_fill_(1, torch.tensor([7]), 0.0298)
    torch.testing.assert_close(targets.sum(), torch.tensor(1.0))
    logits = targets.log().requires_grad_()
    value = loss(logits, torch.tensor([7]))
    value.backward()
    torch.testing.assert_close(value, -(targets * targets.log()).sum())
    assert logits.grad is not None
    torch.testing.assert_close(logits.grad, torch.zeros(1, 100), atol=1e-7, rtol=0)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(IncompatibleMethodError, match="los smooths the labels of loss=ce, got loss=gcl"):
        LabelOverSmoothing(loss="gcl").fit(SHAPE, {"train": TRAIN})
    with pytest.raises(ConfigError, match="smoothing must be 0 or more and below 1, got 1"):
        LabelOverSmoothing(smoothing=1.0)
