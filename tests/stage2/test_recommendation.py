"""Which classifier is recommended, by hand and on runs."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from decouple.files.results import RecommendationEntry
from decouple.files.run_dir import RunDir
from decouple.reporting.recommendation import recommendation_sentence
from stage2.held_out import HeldOutLogits, read_held_out, write_held_out
from stage2.methods import METHODS
from stage2.recommendation import (
    SIMPLEST_FIRST,
    HeldOutPredictions,
    as_predictions,
    choose_recommendation,
    recommend,
)
from stage2.run_methods import run_stage2
from stage2.settings import Stage2Config


def _predictions(num_correct: int, num_images: int = 40) -> HeldOutPredictions:
    """Two classes in turn; the first `num_correct` images are correct."""
    return HeldOutPredictions(
        np.arange(num_images) < num_correct, np.arange(num_images) % 2, f"{num_images} validation images"
    )


def test_the_best_is_recommended_with_its_ties() -> None:
    # a: 36 of 40; b: 35 of 40, one image apart from a: a tie; c: 4 of 40. None is a method: all are equally simple.
    entry = choose_recommendation({"c": _predictions(4), "b": _predictions(35), "a": _predictions(36)}, "last")
    assert (entry.method, entry.ties) == ("a", ("b",))
    assert entry.balanced == pytest.approx(90)
    assert entry.reason == "highest balanced accuracy on 40 validation images"
    low, high = entry.interval
    assert 75 < low < 90 < high <= 100


def test_a_tie_goes_to_the_simpler_method() -> None:
    predictions = {"none": _predictions(4), "crt": _predictions(36), "tau": _predictions(34), "ncm": _predictions(35)}
    entry = choose_recommendation(predictions, "best")
    assert (entry.checkpoint, entry.method, entry.ties) == ("best", "tau", ("crt", "ncm"))
    assert entry.balanced == pytest.approx(85)
    assert entry.reason == "the simplest that cannot be told from the best (crt, 90.0 %)"


def test_entries_with_names_of_their_own_are_as_simple_as_their_method() -> None:
    predictions = {"short": _predictions(36), "long": _predictions(35)}
    entry = choose_recommendation(predictions, "last", {"short": "crt", "long": "logit_adjust"})
    assert entry.method == "long"


def test_every_method_has_a_place_in_the_order() -> None:
    assert sorted(SIMPLEST_FIRST) == sorted(METHODS)


def test_balanced_accuracy_by_hand() -> None:
    # Class 0: 1 of 2; class 2: 1 of 1; class 1 has no image: (1/2 + 1) / 2.
    logits = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    held_out = HeldOutLogits(logits, torch.tensor([0, 0, 2]), "3 validation images")
    assert as_predictions(held_out).balanced() == 0.75


def test_the_sentence() -> None:
    entry = RecommendationEntry(
        checkpoint="last", method="none", reason="r", split="9 images", balanced=50.0, interval=(40.0, 60.0)
    )
    assert recommendation_sentence(entry) == (
        "recommended: none (stage one), balanced accuracy 50.0 % [40.0, 60.0] on 9 images"
    )
    flat = dataclasses.replace(entry, interval=(50.0, 50.0))
    assert recommendation_sentence(flat) == (
        "recommended: none (stage one), balanced accuracy 50.0 % [interval unknown: each class is all right or all "
        "wrong] on 9 images"
    )
    without = dataclasses.replace(entry, balanced=None, interval=(), reason="there are no held-out images to choose on")
    assert recommendation_sentence(without) == (
        "recommended: none (stage one); there are no held-out images to choose on"
    )


@pytest.fixture
def run(runs: Path) -> RunDir:
    return RunDir(runs / "base")


def test_folds_recommend_on_images_that_all_methods_share(run: RunDir) -> None:
    config = Stage2Config(device="cpu", epochs=1, folds=3)
    for name in ("none", "ncm", "tau", "crt"):
        run_stage2(run, dataclasses.replace(config, method=name))
    images = run.read_data().images["val"]
    for name in ("none", "ncm", "tau", "crt"):
        held_out = read_held_out(run, "last", name)
        assert held_out is not None
        assert held_out.source == f"{images} validation images in 3 folds"
        assert held_out.logits.shape == (images, 10)
    recommended = run.read_results().recommended
    assert recommended is not None
    assert recommended.split == f"{images} validation images in 3 folds"


def test_a_fit_without_folds_forgets_the_out_of_fold_logits(run: RunDir) -> None:
    run_stage2(run, Stage2Config(method="ncm", device="cpu", folds=2))
    run_stage2(run, Stage2Config(method="ncm", device="cpu"))
    held_out = read_held_out(run, "last", "ncm")
    assert held_out is not None
    assert held_out.source == f"{run.read_data().images['val']} validation images"


def test_the_images_that_most_classifiers_share_decide(run: RunDir) -> None:
    for name in ("ncm", "tau", "crt"):
        run_stage2(run, Stage2Config(method=name, device="cpu"))
    perfect = HeldOutLogits(torch.eye(10), torch.arange(10), "10 images in 2 folds")
    write_held_out(run, "last", "crt", perfect)
    entry = recommend(run, "last")
    assert {entry.method, *entry.ties} <= {"none", "ncm", "tau"}
    assert entry.split == f"{run.read_data().images['val']} validation images"
