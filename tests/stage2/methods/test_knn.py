import math
from pathlib import Path

import numpy as np
import pytest
import torch

from decouple.classifier import Classifier, read_classifier, write_classifier
from decouple.errors import ConfigError
from decouple.files.features import Features
from stage2.methods.knn import GRID, TEMPERATURE, NearestNeighbours, normalized_rows
from stage2.selection import choose

STAGE_ONE = Classifier("linear", torch.zeros(2, 2))
# Along (1, 0) twice class 0, along (0, 1) class 0, along (0.6, 0.8) class 1.
TRAIN = Features(torch.tensor([[2.0, 0], [1, 0], [0, 3], [3, 4]]), torch.tensor([0, 0, 0, 1]))


def _clouds(seed: int, counts: list[int], width: int = 6) -> Features:
    rng = torch.Generator().manual_seed(seed)
    labels = torch.arange(len(counts)).repeat_interleave(torch.tensor(counts))
    centres = torch.randn(len(counts), width, generator=torch.Generator().manual_seed(99))
    return Features(centres[labels] + torch.randn(len(labels), width, generator=rng), labels)


def _reference(train: Features, queries: torch.Tensor, k: int, num_classes: int) -> np.ndarray:
    """The shares of the votes, image by image, in float64, on the rows as they are stored."""
    stored, labels = normalized_rows(train).double().numpy(), train.labels.numpy()
    counts = np.bincount(labels, minlength=num_classes)
    shares = np.zeros((len(queries), num_classes))
    for index, query in enumerate(queries.double().numpy()):
        cosines = stored @ (query / np.linalg.norm(query))
        for near in np.argsort(-cosines)[:k]:
            shares[index, labels[near]] += math.exp(cosines[near] / TEMPERATURE) / counts[labels[near]]
    return shares / shares.sum(axis=1, keepdims=True)


def test_two_classes_by_hand() -> None:
    # f = (1, 0): cosines 1, 1, 0, 0.6. Of the three nearest, class 0 gets 2/3 exp(1/T), class 1 exp(0.6/T) / 1.
    logits = NearestNeighbours(k=3).fit(STAGE_ONE, {"train": TRAIN}).classifier.logits(torch.tensor([[5.0, 0.0]]))
    votes = [2 / 3, math.exp(-0.4 / 0.07)]
    expected = torch.tensor([[math.log(vote / sum(votes) + 1e-6) for vote in votes]])
    torch.testing.assert_close(logits, expected, atol=1e-3, rtol=1e-3)  # 0.6 and 0.8 are rounded to float16


def test_one_neighbour_is_the_class_of_the_nearest() -> None:
    train, queries = _clouds(0, [40, 10, 3]), _clouds(1, [20, 20, 20])
    classifier = NearestNeighbours(k=1).fit(Classifier("linear", torch.zeros(3, 6)), {"train": train}).classifier
    nearest = torch.nn.functional.cosine_similarity(queries.features[:, None], train.features[None], dim=2).argmax(1)
    assert (classifier.logits(queries.features).argmax(dim=1) == train.labels[nearest]).double().mean() > 0.98


@pytest.mark.parametrize("k", [1, 4, 53, 1000])
def test_votes_are_those_of_a_loop_in_float64(k: int) -> None:
    train, queries = _clouds(0, [40, 10, 3]), _clouds(1, [20, 20, 20]).features
    classifier = NearestNeighbours(k=k).fit(Classifier("linear", torch.zeros(3, 6)), {"train": train}).classifier
    expected = _reference(train, queries, k, 3)
    np.testing.assert_allclose(classifier.logits(queries).exp().numpy(), expected + 1e-6, atol=2e-6, rtol=1e-4)


def test_the_vote_is_balanced() -> None:
    # Three neighbours of a large class and one of a small one, equally near: 3/300 < 1/1.
    rows = torch.cat([torch.tensor([[1.0, 0, 0]]).repeat(3, 1), torch.tensor([[0, 0, 1.0]]).repeat(297, 1)])
    train = Features(torch.cat([rows, torch.tensor([[1.0, 0, 0]])]), torch.tensor([0] * 300 + [1]))
    classifier = NearestNeighbours(k=4).fit(Classifier("linear", torch.zeros(2, 3)), {"train": train}).classifier
    torch.testing.assert_close(
        classifier.logits(torch.tensor([[2.0, 0, 0]])).exp(), torch.tensor([[0.01 / 1.01, 1 / 1.01]])
    )


@pytest.mark.parametrize("kind", ["linear", "cosine"])
def test_the_choice_is_that_of_a_fit_for_each_k(kind: str) -> None:
    train, val = _clouds(0, [60, 12, 4]), _clouds(1, [30, 30, 30])
    stage_one = (
        Classifier("linear", torch.zeros(3, 6))
        if kind == "linear"
        else Classifier("cosine", torch.zeros(3, 6), scale=9.0)
    )
    splits = {"train": train, "val": val}
    ranking_keys = []
    for k in GRID:
        logits = NearestNeighbours(k=k).fit(stage_one, splits).classifier.logits(val.features)
        correct = (logits.argmax(dim=1) == val.labels).double()
        ranking_keys.append(round(float(correct.view(3, 30).mean()), 9))
    fitted = choose([NearestNeighbours()], stage_one, splits)[1]
    assert fitted.selection.values["k"] == GRID[ranking_keys.index(max(ranking_keys))]
    assert fitted.selection.scores == pytest.approx([100 * ranking_key for ranking_key in ranking_keys])
    assert fitted.classifier.neighbours is not None
    assert fitted.classifier.neighbours.k == fitted.selection.values["k"]
    assert fitted.curve is not None
    assert fitted.curve.values == GRID


def test_a_class_without_training_images_is_never_predicted() -> None:
    train = _clouds(0, [10, 10])
    classifier = NearestNeighbours(k=20).fit(Classifier("linear", torch.zeros(3, 6)), {"train": train}).classifier
    logits = classifier.logits(_clouds(1, [5, 5, 5]).features)
    assert logits.isfinite().all()
    assert (logits.argmax(dim=1) < 2).all()
    torch.testing.assert_close(logits[:, 2].exp(), torch.full((15,), 1e-6))


def test_what_is_saved_is_half_as_large_and_gives_the_same_bits(tmp_path: Path) -> None:
    classifier = (
        NearestNeighbours(k=5)
        .fit(Classifier("linear", torch.zeros(3, 6)), {"train": _clouds(0, [40, 10, 3])})
        .classifier
    )
    write_classifier(tmp_path / "h.safetensors", classifier, "x")
    result, queries = read_classifier(tmp_path / "h.safetensors", "x"), _clouds(1, [20, 20, 20]).features
    assert result.weight.dtype == torch.float16
    assert torch.equal(result.logits(queries), classifier.logits(queries))


def test_twice_is_the_same() -> None:
    splits = {"train": _clouds(0, [40, 10, 3]), "val": _clouds(1, [9, 9, 9])}
    first, again = (choose([NearestNeighbours()], Classifier("linear", torch.zeros(3, 6)), splits)[1] for _ in range(2))
    assert first.selection == again.selection
    queries = _clouds(2, [20, 20, 20]).features
    assert torch.equal(first.classifier.logits(queries), again.classifier.logits(queries))


def test_choosing_needs_a_validation_split() -> None:
    with pytest.raises(ConfigError, match=r"k is chosen on a validation split and this run has none; .*k=20"):
        choose([NearestNeighbours()], STAGE_ONE, {"train": TRAIN})[1]
