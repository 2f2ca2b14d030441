from collections.abc import Callable

import numpy as np
import pytest

from decouple.errors import DataError
from decouple.evaluation.calibration import expected_calibration_error
from decouple.reporting.palette import PAPER
from decouple.reporting.reliability import draw_reliability, reliability_bins


def test_the_bins_give_the_calibration_error() -> None:
    rng = np.random.default_rng(0)
    confidence, correct = rng.random(500), rng.random(500) < 0.4
    bins = reliability_bins(confidence, correct)
    gaps = np.abs(100 * bins.correct / bins.images - bins.confidence)
    assert (bins.images * gaps).sum() / 500 == pytest.approx(100 * expected_calibration_error(confidence, correct))
    assert bins.images.sum() == 500
    assert bins.correct.sum() == correct.sum()


def test_a_panel_for_each_group_with_its_error_and_few_images_hollow() -> None:
    # 20 images at 0.9, 10 of them correct: ECE 40 %. Of those, "few" has 4, all correct: ECE 10 %.
    confidence, correct = np.full(20, 0.9), np.arange(20) < 10
    few = np.arange(20) < 4
    groups = {"all": np.ones(20, bool), "few": few, "many": np.zeros(20, bool)}
    figure = draw_reliability({"before": (confidence, correct)}, groups, subtitle="run r")
    assert [axes.get_title() for axes in figure.axes] == ["all (20 images)", "few (4 images)", "many (0 images)"]
    labels = [axes.get_xlabel() for axes in figure.axes]
    assert labels == ["confidence (%)\nECE 40.0 %", "confidence (%)\nECE 10.0 %", "confidence (%)"]
    assert [text.get_text() for text in figure.axes[2].texts] == ["no images"]
    markers = [[line for line in axes.lines if line.get_marker() == "o"] for axes in figure.axes[:2]]
    assert [np.asarray(lines[0].get_ydata()).tolist() for lines in markers] == [[50], [100]]
    hollow = [[line for line in lines if line.get_markerfacecolor() == PAPER] for lines in markers]
    assert [np.size(lines[0].get_xdata()) for lines in hollow] == [0, 1]


def test_is_written(check_figure: Callable[..., object]) -> None:
    rng = np.random.default_rng(0)
    confidence = rng.random(300)
    series = {"before": (confidence, rng.random(300) < confidence), "after": (confidence**2, rng.random(300) < 0.5)}
    groups = {name: rng.random(300) < 0.5 for name in ("all", "many", "medium", "few")}
    check_figure(lambda: draw_reliability(series, groups), again=True)


def test_masks_of_another_length_are_refused() -> None:
    with pytest.raises(DataError, match=r"groups\[all\]"):
        draw_reliability({"before": (np.array([0.5]), np.array([True]))}, {"all": np.array([True, False])})
