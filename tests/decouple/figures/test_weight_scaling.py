import numpy as np
import pytest

from decouple.figures.request import FigureRequest
from decouple.figures.settings import FigureConfig
from decouple.figures.weight_scaling import draw_tau_scaling, scaled_norms


def test_scaled_norms_by_hand() -> None:
    assert scaled_norms(np.array([0.5]), 0.0).tolist() == [0.5]
    assert scaled_norms(np.array([0.01]), 0.5) == pytest.approx([0.1])
    assert scaled_norms(np.array([0.3, 2.0]), 1.0).tolist() == [1, 1]


def test_both_panels() -> None:
    scaled, factors = draw_tau_scaling(FigureRequest(FigureConfig(values=(0.7,)))).axes
    x = np.arange(1, 11) / 10
    np.testing.assert_allclose(scaled.lines[0].get_xydata(), np.stack([x, x / x**0.7], axis=1))
    np.testing.assert_allclose(factors.lines[0].get_ydata(), x**-0.7)
