from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.figure import Figure

from decouple.class_counts import largest_first
from decouple.errors import RunError
from decouple.files.run_dir import RunDir

Draw = Callable[..., Figure]


def test_every_classifier_with_weights_has_its_norms(draw: Draw, run_a: RunDir) -> None:
    figure = draw("weight-norms", "a")
    names = [text.get_text().split("\n")[0] for text in figure.legends[0].get_texts()]
    assert names == ["stage one", "tau"]  # knn has no weights
    norms = np.array(run_a.read_results().stage1["last"].weight_norms)
    np.testing.assert_allclose(figure.axes[0].lines[0].get_ydata(), norms / norms.mean())


def test_norms_of_two_runs(draw: Draw) -> None:
    figure = draw("weight-norms", "a", "b", stage2=("tau",))
    assert [text.get_text().split("\n")[0] for text in figure.legends[0].get_texts()] == ["a / tau", "b / tau"]


def test_a_classifier_without_weights_has_no_norms(draw: Draw) -> None:
    with pytest.raises(RunError, match="has no classifier with a weight for each class"):
        draw("weight-norms", "a", stage2=("knn",))


def test_norms_scaled_by_tau(draw: Draw, run_a: RunDir) -> None:
    figure = draw("tau-norms", "a", values=(0.0, 0.5, 1.0))
    norms = np.array(run_a.read_results().stage1["last"].weight_norms)[largest_first(run_a.read_data().group_counts)]
    plain, half, one = (line.get_ydata() for line in figure.axes[0].lines)
    np.testing.assert_allclose(plain, norms)
    np.testing.assert_allclose(half, norms / norms**0.5)
    np.testing.assert_allclose(one, 1)
