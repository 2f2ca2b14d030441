import math
from pathlib import Path
from typing import Any

import pytest
import torch

from decouple.classifier import Alignment, Classifier, read_classifier, write_classifier
from decouple.errors import DataError, DecoupleError, RunError
from decouple.files.tensor_files import write_tensors
from decouple.neighbour_vote import NeighbourVote

WEIGHT = torch.tensor([[3.0, 4.0], [0.0, 2.0]])
ALIGNMENT = Alignment(torch.tensor([2.0, 0.5]), torch.tensor([1.0, -1.0]), torch.tensor([0.5, 0.25]), torch.ones(1))
NEIGHBOURS = NeighbourVote(torch.tensor([0, 1]), torch.tensor([1.0, 0.5]), 2)
CLASSIFIERS = [
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
    assert CLASSIFIERS[0].logits(torch.tensor([[1.0, 2.0]])).tolist() == [[11.5, 3.5]]


def test_cosine_logits_by_hand() -> None:
    # f = (0, 5): cosines 4/5 and 1, times 30, whatever the lengths.
    torch.testing.assert_close(CLASSIFIERS[2].logits(torch.tensor([[0.0, 5.0]])), torch.tensor([[24.0, 30.0]]))


def test_a_bias_on_cosines_is_added_behind_the_scale() -> None:
    torch.testing.assert_close(CLASSIFIERS[4].logits(torch.tensor([[0.0, 5.0]])), torch.tensor([[25.0, 29.0]]))


def test_aligned_logits_by_hand() -> None:
    # f = (1, 2): z = (11, 4); s = sigmoid(0.5 + 0.5 + 1); z + s ((2 - 1) 11 + 1) and z + s ((0.5 - 1) 4 - 1)
    corrected_share = 1 / (1 + math.exp(-2))
    expected = torch.tensor([[11 + 12 * corrected_share, 4 - 3 * corrected_share]])
    torch.testing.assert_close(CLASSIFIERS[5].logits(torch.tensor([[1.0, 2.0]])), expected)


def test_votes_by_hand() -> None:
    # f = (3, 4): cosines 0.6 and 0.8; votes exp(2 * 0.6) and exp(2 * 0.8) / 2.
    votes = torch.tensor([[math.exp(1.2), math.exp(1.6) / 2]])
    torch.testing.assert_close(CLASSIFIERS[7].logits(torch.tensor([[3.0, 4.0]])), (votes / votes.sum() + 1e-6).log())


def test_centred_logits_by_hand() -> None:
    # f - centre = (0, 2), of length 1: (0, 1); logits 4 + 1 and 2 + 2.
    assert CLASSIFIERS[3].logits(torch.tensor([[1.0, 3.0]])).tolist() == [[5.0, 4.0]]


@pytest.mark.parametrize("classifier", CLASSIFIERS)
def test_a_zero_feature_gives_finite_logits(classifier: Classifier) -> None:
    centre = torch.zeros(2) if classifier.centre is None else classifier.centre
    assert classifier.logits(centre[None]).isfinite().all()


@pytest.mark.parametrize("classifier", CLASSIFIERS)
def test_a_classifier_survives_a_file(classifier: Classifier, tmp_path: Path) -> None:
    write_classifier(tmp_path / "h.safetensors", classifier, "abc")
    loaded = read_classifier(tmp_path / "h.safetensors", "abc")
    assert (loaded.kind, loaded.scale) == (classifier.kind, classifier.scale)
    assert (loaded.bias is None, loaded.centre is None) == (classifier.bias is None, classifier.centre is None)
    assert (loaded.alignment is None, loaded.neighbours is None) == (
        classifier.alignment is None,
        classifier.neighbours is None,
    )
    features = torch.tensor([[0.3, -2.0], [5.0, 1.0]])
    assert torch.equal(loaded.logits(features), classifier.logits(features))


def test_a_classifier_of_other_weights_is_refused(tmp_path: Path) -> None:
    write_classifier(tmp_path / "h.safetensors", CLASSIFIERS[0], "abc")
    with pytest.raises(RunError, match=r"was fitted to other stage-one weights, .*`decouple stage2`"):
        read_classifier(tmp_path / "h.safetensors", "abd")


def test_a_file_without_weights_is_damaged(tmp_path: Path) -> None:
    write_tensors(
        tmp_path / "h.safetensors", {"bias": torch.zeros(2)}, {"fingerprint": "a", "kind": "linear", "scale": 1}
    )
    with pytest.raises(RunError, match="is damaged: it holds no 'weight'"):
        read_classifier(tmp_path / "h.safetensors", "a")


def test_a_missing_classifier(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="is missing"):
        read_classifier(tmp_path / "h.safetensors", "a")


def test_arrays_and_wide_features_take_the_type_of_the_weights() -> None:
    features = torch.tensor([[0.3, -2.0], [5.0, 1.0]])
    for classifier in CLASSIFIERS:
        expected = classifier.logits(features)
        assert torch.equal(classifier.logits(features.numpy()), expected)
        assert torch.equal(classifier.logits(features.double()), expected)


@pytest.mark.parametrize(
    ("features", "message"),
    [
        (torch.zeros(2, 3), r"features must have shape \(B, 2\), got \(2, 3\)"),
        (torch.zeros(2), r"features must have shape \(B, 2\), got \(2,\)"),
        (torch.zeros(2, 2, dtype=torch.long), "features must hold floating-point numbers, got torch.int64"),
        ([[0.0, 1.0]], r"features must be a tensor or an array of shape \(B, 2\), got list"),
    ],
)
def test_wrong_features_are_refused(features: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        CLASSIFIERS[0].logits(features)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kind": "liner"}, r"kind must be one of linear, cosine, .*, got 'liner'\. Did you mean 'linear'\?"),
        ({"scale": 0}, "scale must be above 0, got 0"),
        ({"scale": math.nan}, "scale must be above 0, got nan"),
        ({"kind": "centred"}, "kind 'centred' needs centre, and no other kind takes it; got kind 'centred'"),
        ({"centre": torch.zeros(2)}, "kind 'centred' needs centre, and no other kind takes it; got kind 'linear'"),
        ({"neighbours": NEIGHBOURS}, "kind 'neighbours' needs neighbours, and no other kind takes it"),
        ({"weight": torch.zeros(2)}, r"weight must have shape \(C, D\), got \(2,\)"),
        ({"weight": [[0.0]]}, "weight must be a tensor, got list"),
        ({"bias": torch.zeros(3)}, r"bias must have shape \(2,\), got \(3,\)"),
        ({"kind": "centred", "centre": torch.zeros(3)}, r"centre must have shape \(2,\), got \(3,\)"),
        (
            {"kind": "neighbours", "weight": torch.zeros(3, 2), "neighbours": NEIGHBOURS},
            r"labels must have shape \(3,\), got \(2,\)",
        ),
        ({"weight": torch.zeros(3, 2), "alignment": ALIGNMENT}, r"factors must have shape \(3,\), got \(2,\)"),
    ],
)
def test_wrong_values_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(DecoupleError, match=message):
        Classifier(**{"kind": "linear", "weight": WEIGHT, **arguments})


def test_a_file_with_wrong_shapes_is_damaged(tmp_path: Path) -> None:
    tensors = {"weight": torch.zeros(2, 3), "bias": torch.zeros(3)}
    write_tensors(tmp_path / "h.safetensors", tensors, {"fingerprint": "a", "kind": "linear", "scale": 1})
    with pytest.raises(RunError, match=r"is damaged: bias must have shape \(2,\), got \(3,\)"):
        read_classifier(tmp_path / "h.safetensors", "a")
