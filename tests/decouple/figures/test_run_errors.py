import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from decouple.class_counts import largest_first
from decouple.errors import ConfigError, DataError
from decouple.figures.run_errors import class_errors, range_names
from decouple.files.run_dir import RunDir

Draw = Callable[..., Figure]


def test_errors_are_a_mean_over_seeds() -> None:
    errors = class_errors([[100.0, 50.0, None], [70.0, 40.0, None]])
    np.testing.assert_array_equal(errors, [15, 55, np.nan])


def test_names_of_neighbours() -> None:
    assert range_names(100, 10)[::9] == ["1-10", "91-100"]
    assert range_names(7, 3) == ["1-3", "4-6", "7"]


def test_a_line_for_every_training(draw: Draw, run_a: RunDir) -> None:
    figure = draw("class-error", "a", "b", labels=("CE", "BS"))
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["CE", "BS"]
    recalls = run_a.read_results().stage1["last"].metrics["test"]["per_class"]
    expected = [100 - np.float64(recalls[label]) for label in largest_first(run_a.read_data().group_counts)]
    np.testing.assert_allclose(figure.axes[0].lines[0].get_ydata(), expected)


def test_a_line_for_every_method(draw: Draw, run_a: RunDir) -> None:
    figure = draw("class-error", "a", stage2=("none", "tau"), together=4)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["stage one", "tau"]
    tau = run_a.read_results().stage2["last"]["tau"].metrics["test"]["per_class"]
    ordered = np.array([tau[label] for label in largest_first(run_a.read_data().group_counts)], dtype=np.float64)
    expected = 100 - np.array([ordered[:4].mean(), ordered[4:8].mean(), ordered[8:].mean()])
    np.testing.assert_allclose(figure.axes[0].lines[1].get_ydata(), expected)
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["1-4", "5-8", "9-10"]


def test_both_are_named_where_there_are_several_of_both(draw: Draw) -> None:
    figure = draw("class-error", "a", "b", stage2=("none", "tau"))
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["a / stage one", "a / tau", "b / stage one", "b / tau"]


def test_an_unknown_method_is_answered_with_the_nearest(draw: Draw) -> None:
    with pytest.raises(ConfigError, match=r"no entry 'tua' of stage two\. Did you mean 'tau'"):
        draw("class-error", "a", stage2=("tua",))


def test_labels_are_as_many_as_the_runs(draw: Draw) -> None:
    with pytest.raises(ConfigError, match="labels has 1 names for 2: a, b"):
        draw("class-error", "a", "b", labels=("CE",))


def test_runs_of_other_data_are_refused(drawn_runs: Path, tmp_path: Path, draw: Draw) -> None:
    shutil.copytree(drawn_runs / "a", tmp_path / "other")
    path = tmp_path / "other" / "data.json"
    path.write_text(
        path.read_text().replace('"class_names": ["0"', '"class_names": ["zero"').replace('"0",', '"zero",', 1)
    )
    with pytest.raises(DataError, match="a and other differ in their classes"):
        draw("class-error", "a", str(tmp_path / "other"))
