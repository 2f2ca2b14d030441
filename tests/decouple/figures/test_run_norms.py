from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from decouple.class_counts import largest_first
from decouple.errors import ConfigError, RunError
from decouple.files.feature_norms import read_feature_norms
from decouple.files.features import read_features, stored_dtype
from decouple.files.run_dir import RunDir

Draw = Callable[..., Figure]


def test_two_trainings_have_a_panel_for_the_ends(draw: Draw, run_a: RunDir) -> None:
    figure = draw("feature-norms", "a", "b")
    order, counts = largest_first(run_a.read_data().group_counts), run_a.read_data().group_counts
    assert [axes.get_title() for axes in figure.axes] == [
        f"{label} ({counts[label]} images)" for label in (order[0], order[1], order[-2], order[-1])
    ]
    record = read_feature_norms(run_a.feature_norms)
    assert record is not None
    for axes, label in zip(figure.axes[:2], order[:2], strict=True):
        np.testing.assert_allclose(axes.lines[0].get_xydata(), [[1, record.norms[0, label]]], rtol=1e-6)
        assert len(axes.lines) == 2


def test_one_training_has_all_classes_in_one_panel(draw: Draw) -> None:
    assert "Feature norm by class over epochs" in str(draw("feature-norms", "a").get_label())
    assert len(draw("feature-norms", "a", classes=(3,)).axes) == 1


def test_a_class_that_is_not_there(draw: Draw) -> None:
    with pytest.raises(ConfigError, match="classes must be between 0 and 9, got 10"):
        draw("feature-norms", "a", classes=(10,))


def test_a_smoke_run_may_have_fewer_classes(draw: Draw) -> None:
    figure = draw("feature-norms", "a", classes=(0, 79, 89), profile_run="smoke")
    assert len(figure.axes) == 2  # the largest and, once, the last


def test_runs_without_norms_are_said(draw: Draw, run_a: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RunDir, "feature_norms", property(lambda _: Path("nowhere")))
    with pytest.raises(RunError, match="holds no feature norms"):
        draw("feature-norms", "a")


def test_norms_of_the_test_images(draw: Draw, run_a: RunDir) -> None:
    figure = draw("test-feature-norms", "a", "b")
    order = largest_first(run_a.read_data().group_counts)
    path = run_a.features("last", "test")
    from dataclasses import replace

    from stage1.extract import cache_key

    features = read_features(path, replace(cache_key(run_a, "last", stored_dtype(path) or "float32"), split="test"))
    norms = features.features.norm(dim=1).numpy()
    expected = [norms[features.labels.numpy() == label].mean() for label in order]
    np.testing.assert_allclose(figure.axes[0].lines[0].get_ydata(), expected, rtol=1e-5)
