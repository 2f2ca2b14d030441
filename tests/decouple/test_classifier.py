import math
from pathlib import Path

import pytest
import torch

from decouple.classifier import Alignment, Classifier, read_classifier, write_classifier
from decouple.errors import RunError
from decouple.files.tensor_files import write_tensors
from decouple.neighbour_vote import NeighbourVote

WEIGHT = torch.tensor([[3.0, 4.0], [0.0, 2.0]])
ALIGNMENT = Alignment(torch.tensor([2.0, 0.5]), torch.tensor([1.0, -1.0]), torch.tensor([0.5, 0.25]), torch.ones(1))
NEIGHBOURS = NeighbourVote(torch.tensor([0, 1]), torch.tensor([1.0, 0.5]), 2)
HEADS = [
    Classifier("linear", WEIGHT, torch.tensor([0.5, -0.5])),
    Classifier("linear", WEIGHT),
    Classifier("cosine", WEIGHT, scale=30.0),
    Classifier("centred", WEIGHT, torch.tensor([1.0, 2.0]), centre=torch.tensor([1.0, 1.0])),
    Classifier("cosine", WEIGHT, torch.tensor([1.0, -1.0]), scale=30.0),
    Classifier("linear", WEIGHT, alignment=ALIGNMENT),
    Classifier("cosine", WEIGHT, scale=30.0, alignment=ALIGNMENT),
    Classifier("neighbours", torch.eye(2).half(), scale=2.0, neighbours=NEIGHBOURS),
]


def test_linear_logits_by_hand() -> None:
    # 3*1 + 4*2 + 0.5 and 0*1 + 2*2 - 0.5
    assert HEADS[0].logits(torch.tensor([[1.0, 2.0]])).tolist() == [[11.5, 3.5]]


def test_cosine_logits_by_hand() -> None:
    # f = (0, 5): cosines 4/5 and 1, times 30, whatever the lengths.
    torch.testing.assert_close(HEADS[2].logits(torch.tensor([[0.0, 5.0]])), torch.tensor([[24.0, 30.0]]))


def test_a_bias_on_cosines_is_added_behind_the_scale() -> None:
    torch.testing.assert_close(HEADS[4].logits(torch.tensor([[0.0, 5.0]])), torch.tensor([[25.0, 29.0]]))


def test_aligned_logits_by_hand() -> None:
    # f = (1, 2): z = (11, 4); s = sigmoid(0.5 + 0.5 + 1); z + s ((2 - 1) 11 + 1) and z + s ((0.5 - 1) 4 - 1)
    share = 1 / (1 + math.exp(-2))
    expected = torch.tensor([[11 + 12 * share, 4 - 3 * share]])
    torch.testing.assert_close(HEADS[5].logits(torch.tensor([[1.0, 2.0]])), expected)


def test_votes_by_hand() -> None:
    # f = (3, 4): cosines 0.6 and 0.8; votes exp(2 * 0.6) and exp(2 * 0.8) / 2.
    votes = torch.tensor([[math.exp(1.2), math.exp(1.6) / 2]])
    torch.testing.assert_close(HEADS[7].logits(torch.tensor([[3.0, 4.0]])), (votes / votes.sum() + 1e-6).log())


def test_centred_logits_by_hand() -> None:
    # f - centre = (0, 2), of length 1: (0, 1); logits 4 + 1 and 2 + 2.
    assert HEADS[3].logits(torch.tensor([[1.0, 3.0]])).tolist() == [[5.0, 4.0]]


@pytest.mark.parametrize("classifier", HEADS)
def test_a_zero_feature_gives_finite_logits(classifier: Classifier) -> None:
    centre = torch.zeros(2) if classifier.centre is None else classifier.centre
    assert classifier.logits(centre[None]).isfinite().all()


@pytest.mark.parametrize("classifier", HEADS)
def test_a_head_comes_back_whole(classifier: Classifier, tmp_path: Path) -> None:
    write_classifier(tmp_path / "h.safetensors", classifier, "abc")
    found = read_classifier(tmp_path / "h.safetensors", "abc")
    assert (found.kind, found.scale) == (classifier.kind, classifier.scale)
    assert (found.bias is None, found.centre is None) == (classifier.bias is None, classifier.centre is None)
    assert (found.alignment is None, found.neighbours is None) == (
        classifier.alignment is None,
        classifier.neighbours is None,
    )
    features = torch.tensor([[0.3, -2.0], [5.0, 1.0]])
    assert torch.equal(found.logits(features), classifier.logits(features))


def test_a_head_of_other_weights_is_refused(tmp_path: Path) -> None:
    write_classifier(tmp_path / "h.safetensors", HEADS[0], "abc")
    with pytest.raises(RunError, match=r"was fitted to other stage-one weights, .*`decouple stage2`"):
        read_classifier(tmp_path / "h.safetensors", "abd")


def test_a_head_that_lacks_something_is_damaged(tmp_path: Path) -> None:
    write_tensors(
        tmp_path / "h.safetensors", {"bias": torch.zeros(2)}, {"fingerprint": "a", "kind": "linear", "scale": 1}
    )
    with pytest.raises(RunError, match="is damaged: it holds no 'weight'"):
        read_classifier(tmp_path / "h.safetensors", "a")


def test_a_missing_head(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="is missing"):
        read_classifier(tmp_path / "h.safetensors", "a")
