from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure

from decouple.files.run_dir import RunDir

Draw = Callable[..., Figure]


def test_a_panel_for_each_group(draw: Draw, run_a: RunDir) -> None:
    figure = draw("roc", "a", "b")
    groups = [name for name, members in run_a.read_data().groups.items() if members]
    assert [axes.get_title() for axes in figure.axes] == groups
    for axes in figure.axes:
        assert len(axes.lines) == 2
        assert [line.split(":")[0] for line in axes.texts[0].get_text().split("\n")] == ["a", "b"]
        for line in axes.lines:
            assert (np.diff(np.asarray(line.get_ydata())) >= 0).all()
            assert np.asarray(line.get_ydata())[-1] == 1
