from pathlib import Path

import numpy as np
import pytest

from decouple.errors import ConfigError, DataError
from decouple.figures.class_sizes import draw_class_counts, draw_sampling_weights, sampling_weights
from decouple.figures.request import FigureRequest, count_list
from decouple.figures.settings import FigureConfig


def test_sampling_weights_by_hand() -> None:
    # Counts 90 and 10: instance 90 %, class 50 %, sqrt 3 : 1, and progressive a quarter of the way 80 %.
    weights = sampling_weights([90, 10], ("instance", "class", "sqrt", "progressive"), (0.25,))
    assert weights["instance"] == pytest.approx([90, 10])
    assert weights["class"] == pytest.approx([50, 50])
    assert weights["sqrt"] == pytest.approx([75, 25])
    assert weights["progressive, 25 % of the epochs"] == pytest.approx([80, 20])


def test_every_moment_of_the_progressive_sampler_is_a_series() -> None:
    config = FigureConfig(counts=(90, 10), values=(0.0, 0.5, 1.0), samplers=("progressive",))
    lines = draw_sampling_weights(FigureRequest(config)).axes[0].lines
    assert [np.asarray(line.get_ydata())[0] for line in lines] == pytest.approx([90, 70, 50])


def test_very_uneven_probabilities_are_drawn_logarithmically() -> None:
    for smallest, scale in ((1, "log"), (10, "linear")):
        config = FigureConfig(counts=(1000, smallest), samplers=("instance",))
        assert draw_sampling_weights(FigureRequest(config)).axes[0].get_yscale() == scale


def test_counts_of_several_ratios() -> None:
    config = FigureConfig(num_classes=3, max_count=100, ratio=(1.0, 100.0))
    lines = draw_class_counts(FigureRequest(config)).axes[0].lines
    assert [np.asarray(line.get_ydata()).tolist() for line in lines] == [[100, 100, 100], [100, 10, 1]]


def test_counts_of_list_files(tmp_path: Path) -> None:
    path = tmp_path / "train.txt"
    path.write_text("a/1.jpg 0\na/2.jpg 0\n\nwith space/3.jpg 2\n")
    assert count_list(str(path)) == [2, 0, 1]
    (line,) = draw_class_counts(FigureRequest(FigureConfig(lists=(str(path),)))).axes[0].lines
    np.testing.assert_array_equal(line.get_ydata(), [2, 1, 0])


def test_a_balanced_test_set_is_drawn_beside() -> None:
    lines = draw_class_counts(FigureRequest(FigureConfig(counts=(9, 3, 1), test_count=2))).axes[0].lines
    assert [np.asarray(line.get_ydata()).tolist() for line in lines] == [[9, 3, 1], [2, 2, 2]]


def test_a_smoke_run_needs_no_list_files() -> None:
    config = FigureConfig(lists=("nowhere.txt",), num_classes=2, max_count=10, ratio=(10.0,), profile_run="smoke")
    figure = draw_class_counts(FigureRequest(config))
    assert np.asarray(figure.axes[0].lines[0].get_ydata()).tolist() == [10, 1]
    assert "smoke run: stand-ins, no result" in str(figure.get_label())


def test_faults_of_a_list(tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_text("a.jpg 0\nb.jpg cat\n")
    with pytest.raises(DataError, match=r"line 2 of .*bad\.txt does not end in the number of a class"):
        count_list(str(tmp_path / "bad.txt"))
    with pytest.raises(DataError, match=r"there is no list .*none\.txt"):
        count_list(str(tmp_path / "none.txt"))
    (tmp_path / "short.txt").write_text("a.jpg 0\n")
    (tmp_path / "long.txt").write_text("a.jpg 1\n")
    lists = tuple(str(tmp_path / name) for name in ("short.txt", "long.txt"))
    with pytest.raises(DataError, match="do not have the same number of classes"):
        draw_class_counts(FigureRequest(FigureConfig(lists=lists)))


def test_one_ratio_where_one_is_meant() -> None:
    with pytest.raises(ConfigError, match="of one ratio, got 10, 100"):
        draw_sampling_weights(FigureRequest(FigureConfig(ratio=(10.0, 100.0))))


def test_labels_are_as_many_as_the_files(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a.jpg 0\n")
    config = FigureConfig(lists=(str(tmp_path / "a.txt"),), labels=("x", "y"))
    with pytest.raises(ConfigError, match="labels has 2 names for 1: a"):
        draw_class_counts(FigureRequest(config))
