import numpy as np
import pytest
import torch

from decouple.classifier import Classifier
from decouple.errors import DataError
from decouple.files.features import Features
from stage2.methods.ncm import NearestClassMean, class_means

# Class 0: (4, 0) and (2, 0), mean (3, 0). Class 1: (0, 1).
TRAIN = Features(torch.tensor([[4.0, 0.0], [0.0, 1.0], [2.0, 0.0]]), torch.tensor([0, 1, 0]))
TWO = Classifier("linear", torch.zeros(2, 2))


def _fit(metric: str, train: Features = TRAIN, classes: int = 2) -> Classifier:
    width = train.features.shape[1]
    return (
        NearestClassMean(metric=metric)
        .fit(Classifier("linear", torch.zeros(classes, width)), {"train": train})
        .classifier
    )


def test_means_by_hand() -> None:
    assert class_means(TRAIN, 2).tolist() == [[3, 0], [0, 1]]


def test_cosine_by_hand() -> None:
    # cos((3, 4), (3, 0)) = 3/5, cos((3, 4), (0, 1)) = 4/5, times 30.
    torch.testing.assert_close(_fit("cosine").logits(torch.tensor([[3.0, 4.0]])), torch.tensor([[18.0, 24.0]]))


def test_euclidean_by_hand() -> None:
    # f = (1, 1): |f - (3, 0)|^2 = 5, |f - (0, 1)|^2 = 1, |f|^2 = 2; logits are |f|^2 minus the distances.
    torch.testing.assert_close(_fit("euclidean").logits(torch.tensor([[1.0, 1.0]])), torch.tensor([[-3.0, 1.0]]))


def test_cosine_and_euclidean_can_disagree() -> None:
    # (1, 0.2) points to class 0 but lies nearer to (0, 1): squared distances 4.04 and 1.64.
    feature = torch.tensor([[1.0, 0.2]])
    assert _fit("cosine").logits(feature).argmax() == 0
    assert _fit("euclidean").logits(feature).argmax() == 1


def test_cl2n_by_hand() -> None:
    # Train (0, 3) of class 0 and (4, 0), (5, 0) of class 1: centre (3, 1). Less the centre and one long they are
    # a = (-3, 2)/sqrt 13, b = (1, -1)/sqrt 2 and c = (2, -1)/sqrt 5; the means are a and (b + c)/2.
    train = Features(torch.tensor([[0.0, 3.0], [4.0, 0.0], [5.0, 0.0]]), torch.tensor([0, 1, 1]))
    a, b, c = np.array([-3, 2]) / 13**0.5, np.array([1, -1]) / 2**0.5, np.array([2, -1]) / 5**0.5
    feature = np.array([3.0, 3.0])  # less the centre and one long: (0, 1)
    distances = [np.sum((np.array([0, 1]) - mean) ** 2) for mean in (a, (b + c) / 2)]
    logits = _fit("cl2n", train).logits(torch.tensor(feature[None], dtype=torch.float32))
    torch.testing.assert_close(logits, torch.tensor([[1 - distances[0], 1 - distances[1]]], dtype=torch.float32))


def _nearest(metric: str, train: Features, features: np.ndarray) -> np.ndarray:
    """Nearest mean in float64, by the distances themselves."""
    known, labels = train.features.double().numpy(), train.labels.numpy()
    observed = features.astype(np.float64)
    if metric == "cl2n":
        centre = known.mean(axis=0)
        known, observed = known - centre, observed - centre
        known, observed = (entry / np.linalg.norm(entry, axis=1, keepdims=True) for entry in (known, observed))
    means = np.stack([known[labels == entry].mean(axis=0) for entry in range(labels.max() + 1)])
    if metric == "cosine":
        means, observed = (entry / np.linalg.norm(entry, axis=1, keepdims=True) for entry in (means, observed))
    return np.asarray(((observed[:, None] - means) ** 2).sum(axis=2).argmin(axis=1))


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "cl2n"])
@pytest.mark.parametrize("seed", [0, 1])
def test_predictions_are_those_of_the_nearest_mean(metric: str, seed: int) -> None:
    rng = torch.Generator().manual_seed(seed)
    labels = torch.tensor([0] * 100 + [1] * 30 + [2] * 8 + [3])
    centres = torch.rand(4, 16, generator=rng)
    train = Features(centres[labels] + 0.3 * torch.randn(len(labels), 16, generator=rng), labels)
    features = torch.rand(300, 16, generator=rng)
    predicted = _fit(metric, train, 4).logits(features).argmax(dim=1).numpy()
    assert np.array_equal(predicted, _nearest(metric, train, features.numpy()))
    assert len(np.unique(predicted)) >= 3  # else the case would prove little


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "cl2n"])
def test_a_class_without_training_images_is_named(metric: str) -> None:
    with pytest.raises(DataError, match=r"no training image for classes \[2\] of 3; ncm needs one in each"):
        _fit(metric, classes=3)


def test_the_default_metric_is_the_cosine() -> None:
    assert NearestClassMean().fit(TWO, {"train": TRAIN}).classifier.kind == "cosine"


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "cl2n"])
def test_rows_are_taken_part_by_part(metric: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = torch.Generator().manual_seed(0)
    train = Features(torch.randn(50, 4, generator=rng), torch.arange(50) % 3)
    shape = Classifier("linear", torch.zeros(3, 4))
    complete = NearestClassMean(metric=metric).fit(shape, {"train": train}).classifier
    monkeypatch.setattr(Features.chunks, "__defaults__", (7,))
    parts = NearestClassMean(metric=metric).fit(shape, {"train": train}).classifier
    torch.testing.assert_close(parts.weight, complete.weight)
    if metric == "cl2n":
        torch.testing.assert_close(parts.centre, train.features.mean(dim=0))
