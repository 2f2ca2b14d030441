from collections.abc import Callable

import numpy as np
import pytest

from decouple.errors import DataError
from decouple.reporting.class_axis import ClassAxis
from decouple.reporting.embedding_panels import CLASS_COLOURS, EmbeddingPanel, draw_embeddings


def panel(num_classes: int, images: int) -> EmbeddingPanel:
    points = np.random.default_rng(0).normal(size=(images, 2)).astype(np.float32)
    return EmbeddingPanel(points, np.arange(images) % num_classes)


@pytest.mark.parametrize("num_classes", [2, 10, 100])
def test_is_written_for_any_number_of_classes(num_classes: int, check_figure: Callable[..., object]) -> None:
    names = [f"class {label}" for label in range(num_classes)]
    classes = ClassAxis(names, range(num_classes), {"few": [0], "many": range(1, num_classes)})
    panels = {"a: train": panel(num_classes, 300), "a: test": panel(num_classes, 600)}
    check_figure(lambda: draw_embeddings("Features", panels, classes, columns=2), again=num_classes == 10)


def test_up_to_ten_classes_have_colours_by_size() -> None:
    points = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]])
    panels = {"p": EmbeddingPanel(points, np.array([0, 1, 1]))}
    figure = draw_embeddings("Features", panels, ClassAxis(["ant", "bee"], [1, 9]), columns=1)
    largest, smallest = figure.axes[0].lines
    assert largest.get_color() == CLASS_COLOURS[0]
    np.testing.assert_array_equal(largest.get_xdata(), [1, 2])  # bees
    np.testing.assert_array_equal(smallest.get_xdata(), [0])
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["bee", "ant"]


def test_more_classes_have_the_colour_of_their_group() -> None:
    classes = ClassAxis([str(label) for label in range(11)], range(11), {"many": range(5), "few": range(5, 11)})
    figure = draw_embeddings("Features", {"p": panel(11, 22)}, classes, columns=1)
    assert [len(line.get_xdata()) for line in figure.axes[0].lines] == [10, 12]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["many", "few"]


def test_points_are_pairs() -> None:
    panels = {"p": EmbeddingPanel(np.zeros((3, 3)), np.zeros(3, np.int64))}
    with pytest.raises(DataError, match="points"):
        draw_embeddings("Features", panels, ClassAxis(["a", "b"], [1, 1]), columns=1)
