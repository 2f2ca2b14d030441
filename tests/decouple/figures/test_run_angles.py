from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.figure import Figure

from decouple.errors import ConfigError
from decouple.figures.run_angles import angles_to

Draw = Callable[..., Figure]


def test_angles_by_hand() -> None:
    features = np.array([[1.0, 1.0], [-3.0, 0.0], [0.0, 0.0]])
    angles = angles_to(features, np.array([[2.0, 0.0], [0.0, 0.5]]))
    np.testing.assert_allclose(angles, np.pi * np.array([[1 / 4, 1 / 4], [1, 1 / 2], [1 / 2, 1 / 2]]))


def test_a_row_for_each_split(draw: Draw) -> None:
    figure = draw("angles", "a", "b", images=60)
    assert [axes.get_title() for axes in figure.axes] == ["a: train", "b: train", "a: test", "b: test"]
    assert figure.axes[0].get_xlim() == pytest.approx((0, np.pi))
    assert "angle to the anchor of" in figure.axes[0].get_xlabel()


def test_two_classes_are_needed(draw: Draw) -> None:
    for classes in ((1,), (0, 1, 2)):
        with pytest.raises(ConfigError, match="classes must be two numbers, one for each axis"):
            draw("angles", "a", classes=classes)
    with pytest.raises(ConfigError, match="classes must be between 0 and 9, got 10"):
        draw("angles", "a", classes=(0, 10))
