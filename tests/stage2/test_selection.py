import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
import torch

from decouple.classifier import Classifier
from decouple.errors import ConfigError
from decouple.files.features import Features
from decouple.files.results import SelectionEntry
from stage2.fit_result import FeatureSplits, FitResult
from stage2.method import PriorSource
from stage2.methods.crt import ClassifierRetraining
from stage2.methods.tau import TauNorm
from stage2.methods.unchanged import Unchanged
from stage2.selection import SelectionRule, choose

STAGE_ONE = Classifier("linear", torch.zeros(2, 1))
TRAIN = Features(torch.arange(6.0)[:, None] + 50, torch.tensor([0, 0, 0, 0, 1, 1]))
# One feature; class 1 from 5 on would be right for all but the image at 3.
VAL = Features(torch.tensor([[1.0], [2.0], [3.0], [6.0], [8.0]]), torch.tensor([0, 0, 1, 1, 1]))

fits: list[tuple[float, list[float]]] = []


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """Class 1 from a threshold on; notes what it is fitted to."""

    needs_classifier: ClassVar[bool] = False
    reads_features: ClassVar[bool] = True
    trained: ClassVar[bool] = False
    has_weight_norms: ClassVar[bool] = True
    prior: ClassVar[PriorSource] = "uniform"
    searchable: ClassVar[bool] = False

    at: float = 5.0
    other: int = 0

    def fit(self, classifier: Classifier, splits: FeatureSplits) -> FitResult:
        fits.append((self.at, splits["train"].features.flatten().tolist()))
        return FitResult(Classifier("linear", torch.tensor([[0.0], [1.0]]), torch.tensor([0.0, 0.001 - self.at])))


@pytest.fixture(autouse=True)
def _forget() -> None:
    fits.clear()


def _choose(values: list[float], **rule: Any) -> tuple[Any, FitResult]:
    splits = {"train": TRAIN, "val": VAL}
    return choose([Threshold(at=at) for at in values], STAGE_ONE, splits, SelectionRule(**rule))


def test_the_best_on_validation_by_hand() -> None:
    # From 2: recalls 1/2 and 1; from 5: 1 and 2/3; from 7: 1 and 1/3. Top 1: 4/5, 4/5, 3/5.
    method, fitted = _choose([2.0, 5.0, 7.0])
    assert method.at == 5
    assert fitted.selection == SelectionEntry(
        values={"at": 5.0},
        by="balanced accuracy on validation, of 2, 5, 7",
        selection_metric="balanced",
        split="val",
        candidates={"at": (2.0, 5.0, 7.0)},
        scores=pytest.approx((75, 250 / 3, 200 / 3)),
    )
    assert not fitted.saw_validation
    assert fitted.classifier.logits(torch.tensor([[5.0], [4.9]])).argmax(dim=1).tolist() == [1, 0]
    assert fits == [(at, TRAIN.features.flatten().tolist()) for at in (2, 5, 7)]  # once each, to training images


@pytest.mark.parametrize(
    ("selection_metric", "best"), [("balanced", 5.0), ("top1", 2.0), ("few", 2.0), ("many", 5.0), ("macro_f1", 5.0)]
)
def test_another_measure_may_choose_another_value(selection_metric: str, best: float) -> None:
    assert _choose([2.0, 5.0, 7.0], selection_metric=selection_metric, group_counts=[200, 10])[0].at == best


def test_of_equal_ones_the_first() -> None:
    assert _choose([4.0, 5.0, 4.5])[0].at == 4
    assert _choose([5.0, 4.0])[0].at == 5


def test_a_rounding_error_does_not_choose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "stage2.selection.selection_scores", lambda *_: torch.tensor([70.0, 80.0, 80.0 + 1e-12]).double()
    )
    assert _choose([2.0, 5.0, 7.0])[0].at == 5


def test_one_candidate_is_no_choice() -> None:
    method, fitted = choose([Threshold(at=3.0)], STAGE_ONE, {"train": TRAIN}, SelectionRule())
    assert (method.at, fitted.selection, fitted.curve) == (3, SelectionEntry(), None)


def test_two_knobs_are_told_by_name() -> None:
    candidates = [Threshold(at=at, other=other) for at in (2.0, 5.0) for other in (1, 2)]
    _, fitted = choose(candidates, STAGE_ONE, {"train": TRAIN, "val": VAL}, SelectionRule())
    assert (fitted.selection.values["at"], fitted.selection.values["other"]) == (5, 1)
    assert fitted.selection.by == "balanced accuracy on validation, of at 2, 5 and other 1, 2"
    assert len(fitted.selection.scores) == 4


def test_folds_by_hand() -> None:
    splits = {"train": Features(VAL.features[:3], VAL.labels[:3]), "val": Features(VAL.features[3:], VAL.labels[3:])}
    method, fitted = choose([Threshold(at=2.0), Threshold(at=5.0)], STAGE_ONE, splits, SelectionRule(folds=2))
    assert method.at == 5
    parts = [features for _, features in fits]
    assert parts[0] == parts[1]  # both candidates on the first fold,
    assert parts[2] == parts[3]  # on the second,
    assert sorted(parts[0] + parts[2]) == [1, 2, 3, 6, 8]
    assert fits[4:] == [(5.0, [1, 2, 3, 6, 8])]  # and the best one on all
    scores = []
    for held_out in (parts[2], parts[0]):  # what the first fold kept, the second one held
        true = dict(zip(VAL.features.flatten().tolist(), VAL.labels.tolist(), strict=True))
        per_at = []
        for at in (2, 5):
            recalls = [
                [(row >= at) == (label == 1) for row, label in true.items() if row in held_out and label == j]
                for j in (0, 1)
            ]
            means = [sum(correct) / len(correct) for correct in recalls if correct]
            per_at.append(100 * sum(means) / len(means))
        scores.append(per_at)
    assert fitted.selection.scores == pytest.approx([sum(pair) / 2 for pair in zip(*scores, strict=True)])
    assert fitted.selection.split == "2 folds of train and val"
    assert fitted.selection.by == (
        "balanced accuracy in 2 folds of training and validation, of 2, 5; fitted again to both together"
    )
    assert fitted.saw_validation


def test_folds_without_a_validation_split() -> None:
    _, fitted = choose([Threshold(at=2.0), Threshold(at=5.0)], STAGE_ONE, {"train": VAL}, SelectionRule(folds=2))
    assert fitted.selection.values["at"] == 5


def test_folds_without_a_choice_fit_to_both_splits_and_say_so() -> None:
    splits = {"train": TRAIN, "val": VAL}
    _, fitted = choose([Threshold()], STAGE_ONE, splits, SelectionRule(folds=3))
    assert fits == [(5.0, [*TRAIN.features.flatten().tolist(), *VAL.features.flatten().tolist()])]
    assert fitted.selection == SelectionEntry(note="fitted to training and validation images together")
    assert fitted.saw_validation
    assert not choose([Unchanged()], STAGE_ONE, splits, SelectionRule(folds=3))[1].saw_validation


def test_without_validation_and_folds_there_is_no_choice() -> None:
    message = "at is chosen on a validation split and this run has none; .*folds=5, or give one value: at=5"
    with pytest.raises(ConfigError, match=message):
        choose([Threshold(at=2.0), Threshold(at=5.0)], STAGE_ONE, {"train": TRAIN}, SelectionRule())


def test_a_group_without_images_cannot_choose() -> None:
    with pytest.raises(ConfigError, match="select=medium cannot choose"):
        _choose([2.0, 5.0], selection_metric="medium", group_counts=[200, 10])


@pytest.mark.parametrize("folds", [0, 3])
def test_a_knob_that_is_swept_is_chosen_as_by_fitting_each(folds: int) -> None:
    rng = torch.Generator().manual_seed(0)
    labels = torch.arange(60) % 3
    rows = torch.randn(3, 4, generator=rng)
    result = [Features(rows[labels] + torch.randn(60, 4, generator=rng), labels) for _ in range(2)]
    classifier = Classifier("linear", rows * torch.tensor([4.0, 2.0, 0.5])[:, None])
    splits, values = dict(zip(("train", "val"), result, strict=True)), (0.0, 0.5, 1.0, 1.5)

    @dataclass(frozen=True, kw_only=True)
    class Plain:
        needs_classifier: ClassVar[bool] = False
        reads_features: ClassVar[bool] = True
        trained: ClassVar[bool] = False
        has_weight_norms: ClassVar[bool] = True
        prior: ClassVar[PriorSource] = "uniform"
        searchable: ClassVar[bool] = False

        tau: float

        def fit(self, classifier: Classifier, splits: FeatureSplits) -> FitResult:
            return dataclasses.replace(TauNorm(tau=self.tau).fit(classifier, splits), selection=SelectionEntry())

    rule = SelectionRule(folds=folds)
    swept, fitted = choose([TauNorm(tau=tau) for tau in values], classifier, splits, rule)
    plain, expected = choose([Plain(tau=tau) for tau in values], classifier, splits, rule)
    assert swept.tau == plain.tau
    assert fitted.selection == expected.selection
    assert torch.equal(fitted.classifier.weight, expected.classifier.weight)
    assert fitted.curve is not None
    assert fitted.curve.values == values


def test_the_learning_rate_of_crt_is_chosen() -> None:
    rng = torch.Generator().manual_seed(0)
    labels = torch.arange(200) % 4
    rows = torch.randn(4, 6, generator=rng)
    train, val = (Features(rows[labels] + 0.3 * torch.randn(200, 6, generator=rng), labels) for _ in range(2))
    splits, classifier = {"train": train, "val": val}, Classifier("linear", torch.zeros(4, 6), torch.zeros(4))
    candidates = [ClassifierRetraining(lr=lr, epochs=2) for lr in (1e-6, 0.1)]
    method, fitted = choose(candidates, classifier, splits, SelectionRule())
    assert method.lr == 0.1
    assert torch.equal(fitted.classifier.weight, candidates[1].fit(classifier, splits).classifier.weight)


@pytest.mark.parametrize(
    ("turns_at", "best", "largest", "note"),
    [
        (1.01, 1.02, 2.0, None),
        (1.99, 2.0, 4.0, None),  # the best of [0, 2] is 2: [0, 4] is searched, and 2 is the first of its best
        (2.51, 0.0, 2.0, None),  # nothing changes in [0, 2]
    ],
)
def test_a_best_value_at_the_end_widens_the_grid(
    turns_at: float, best: float, largest: float, note: str | None
) -> None:
    # Norms 1 and 1/2: the image (1, 2^-(turns_at - 1)) of class 1 is correct from tau = turns_at on. Up to there all
    # values are equal, and the first is 0.
    classifier = Classifier("linear", torch.tensor([[1.0, 0.0], [0.0, 0.5]]))
    images = Features(torch.tensor([[1.0, 0.0], [1.0, 2.0 ** (1 - turns_at)]]), torch.tensor([0, 1]))
    method, fitted = choose([TauNorm()], classifier, {"train": images, "val": images})
    assert fitted.curve is not None
    assert (method.tau, fitted.curve.values[-1], fitted.selection.note) == (best, largest, note)


def test_a_wider_grid_can_be_better_and_its_end_is_named() -> None:
    # Images of class 1 turn correct at 1.99, 3.99 and 7.99, so that the best is the end of each grid in turn.
    classifier = Classifier("linear", torch.tensor([[1.0, 0.0], [0.0, 0.5]]))
    rows = [[1.0, 0.0], *([1.0, 2.0 ** (1 - tau)] for tau in (1.99, 3.99, 7.99))]
    images = Features(torch.tensor(rows), torch.tensor([0, 1, 1, 1]))
    method, fitted = choose([TauNorm()], classifier, {"train": images, "val": images})
    assert method.tau == 8
    assert fitted.selection.note == "8 is the largest value tried"
    assert len(fitted.selection.scores) == 401
    assert fitted.curve is not None
    assert fitted.curve.recalls.shape == (401, 2)


def test_values_of_the_user_are_not_widened() -> None:
    classifier = Classifier("linear", torch.tensor([[1.0, 0.0], [0.0, 0.5]]))
    images = Features(torch.tensor([[1.0, 0.0], [1.0, 0.51]]), torch.tensor([0, 1]))
    method, fitted = choose([TauNorm(tau=0.0), TauNorm(tau=2.0)], classifier, {"train": images, "val": images})
    assert (method.tau, len(fitted.selection.scores), fitted.selection.note) == (2, 2, None)
