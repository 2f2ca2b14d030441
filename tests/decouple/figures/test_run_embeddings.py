from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure

from decouple.figures.run_embeddings import spread_over_classes
from decouple.files.run_dir import RunDir

Draw = Callable[..., Figure]


def test_small_classes_are_taken_whole() -> None:
    labels = np.repeat([0, 1, 2], [50, 4, 30])
    chosen = spread_over_classes(labels, [0, 1], 14)
    assert np.bincount(labels[chosen], minlength=3).tolist() == [10, 4, 0]


def test_a_column_for_each_training(draw: Draw) -> None:
    figure = draw("embedding", "a", "b", images=40)
    assert [axes.get_title() for axes in figure.axes] == ["a: train", "b: train", "a: test", "b: test"]
    for axes in figure.axes:
        assert sum(np.size(line.get_xdata()) for line in axes.lines) == 20  # half of the images each
    assert figure.axes[0].get_position().y0 > figure.axes[2].get_position().y0


def test_chosen_classes_by_their_size(draw: Draw, run_a: RunDir) -> None:
    figure = draw("embedding", "a", classes=(0, 9), images=1000)
    counts = sorted(run_a.read_data().class_counts)
    assert sorted(np.size(line.get_xdata()) for line in figure.axes[0].lines)[-2:] == [counts[0], counts[-1]]
    assert len(figure.legends[0].get_texts()) == 2
