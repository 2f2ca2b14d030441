from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure

from decouple.figures.run_examples import PER_SIDE, example_positions

Draw = Callable[..., Figure]


def test_right_ones_stand_on_the_left_the_surest_first() -> None:
    labels = np.array([0, 0, 0, 0, 0, 1, 1])
    predicted = np.array([0, 0, 0, 0, 1, 0, 1])
    confidence = np.array([0.6, 0.9, 0.7, 0.8, 0.5, 0.4, 0.3])
    positions = example_positions(labels, predicted, confidence, [1, 0])
    assert positions.tolist() == [6, -1, -1, 5, -1, -1, 1, 3, 2, 4, -1, -1]


def test_a_row_for_each_of_the_smallest_classes(draw: Draw) -> None:
    figure = draw("tail-examples", "a", stage2=("tau",))
    assert len(figure.axes[0].images) == 5 * 2 * PER_SIDE
    assert "a · tau · test split" in str(figure.get_label())


def test_captions_name_the_class_and_the_prediction(draw: Draw) -> None:
    texts = [text.get_text() for text in draw("tail-examples", "a", classes=(0,)).axes[0].texts]
    assert any(text.startswith("0") for text in texts)
    assert {text for text in texts if text} & {"right"}
