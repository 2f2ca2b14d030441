"""The values of the curves by independent formulas."""

import numpy as np
import pytest

from decouple.figures.losses import (
    ap_step,
    cloud_sizes,
    draw_ap_step,
    draw_fbl_curves,
    draw_focal,
    draw_gcl_clouds,
    effective_number,
    focal_loss,
    softmax_gradient,
)
from decouple.figures.request import FigureRequest
from decouple.figures.settings import FigureConfig


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0, 5.0])
def test_focal_loss(gamma: float) -> None:
    p = np.linspace(0.01, 0.99, 7)
    np.testing.assert_allclose(focal_loss(p, gamma), -((1 - p) ** gamma) * np.log(p), rtol=1e-9)


def test_effective_number() -> None:
    # 1 + 0.9 + 0.81; with beta 1 every image counts, and with beta 0 only the first.
    assert effective_number(np.array([3.0]), 0.9) == pytest.approx([2.71])
    assert effective_number(np.array([1.0, 7.0]), 1.0).tolist() == [1, 7]


def test_ap_step_is_linear_between_its_ends() -> None:
    assert ap_step(np.array([-0.5, -0.25, 0.25, 0.5, 9.0]), 0.5).tolist() == [0, 0.25, 0.75, 1, 1]


def test_softmax_gradient() -> None:
    difference = np.array([-3.0, 0.0, 2.0])
    np.testing.assert_allclose(softmax_gradient(difference), -1 / (1 + np.exp(difference)))


def test_clouds_of_gcl() -> None:
    # Counts 64, 8, 1: powers of 1/3 are 4, 2, 1, so the clouds are 0, 2 and 3, divided by 3.
    assert cloud_sizes([64, 8, 1], 1 / 3) == pytest.approx([0, 2 / 3, 1])
    expected = np.cos(np.pi / 2 * np.array([1, 1 / 8, 1 / 64]))
    assert cloud_sizes([64, 8, 1], "cosine") == pytest.approx(expected / expected[-1], abs=1e-12)


def test_options_reach_the_figures() -> None:
    focal = draw_focal(FigureRequest(FigureConfig(name="focal", values=(0.0, 3.0))))
    assert [text.get_text() for text in focal.legends[0].get_texts()] == ["gamma 0 (cross-entropy)", "gamma 3"]
    step = draw_ap_step(FigureRequest(FigureConfig(name="ap-step", values=(4.0,), title="of the thesis")))
    assert np.asarray(step.axes[0].lines[-1].get_xdata())[-1] == pytest.approx(6)  # one and a half delta
    assert step.get_label() == "Step function of the AP loss. of the thesis"


def test_curves_of_fbl_end_at_one_or_zero() -> None:
    lines = draw_fbl_curves(FigureRequest(FigureConfig())).axes[0].lines
    assert [np.asarray(line.get_ydata())[-1] for line in lines] == pytest.approx([0, 1, 1, 1, 1])
    parabolic = lines[-1]
    assert np.interp(0.5, parabolic.get_xdata(), parabolic.get_ydata()) == pytest.approx(0.25)


def test_clouds_are_of_the_counts() -> None:
    figure = draw_gcl_clouds(FigureRequest(FigureConfig(counts=(1, 100, 10))))
    np.testing.assert_allclose(figure.axes[0].lines[0].get_ydata(), [0, 0.5, 1], atol=1e-12)
    assert "3 classes, 100 to 1 images, chosen counts" in str(figure.get_label())
