"""The figure of the feature norms of a run: what it is of, and when there is none."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from torch import Tensor, nn

from decouple.datasets.data import Data
from decouple.files.feature_norms import read_feature_norms
from decouple.files.run_dir import RunDir
from decouple.reporting.run_figures import run_figures
from stage1 import run as run_module
from stage1.prepare import load_for
from stage1.run import start_run
from stage1.settings import Stage1Config

SETTINGS = {"data": "digits", "fraction": 0.3, "ratio": 10.0, "batch_size": 64, "epochs": 2, "device": "cpu"}


class MeanBackbone(nn.Module):
    """Features are the colour means."""

    num_features = 3

    def forward(self, images: Tensor) -> Tensor:
        return images.mean(dim=(2, 3))


def _start(folder: Path, monkeypatch: pytest.MonkeyPatch, *, validated: bool) -> RunDir:
    def load(config: Stage1Config) -> Data:
        data = load_for(config)
        splits = {name: indices for name, indices in data.splits.items() if validated or name != "val"}
        return dataclasses.replace(data, splits=splits)

    monkeypatch.setattr("stage1.network.make_backbone", lambda *_, **__: MeanBackbone())
    monkeypatch.setattr(run_module, "load_for", load)
    return start_run(Stage1Config(**SETTINGS, runs=str(folder)))  # type: ignore[arg-type]


@pytest.mark.parametrize(("validated", "split"), [(True, "validation split"), (False, "training split")])
def test_the_figure_shows_the_record_of_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, validated: bool, split: str
) -> None:
    run = _start(tmp_path, monkeypatch, validated=validated)
    record = read_feature_norms(run.feature_norms)
    assert record is not None
    figures = run_figures(run, "last")
    assert ("feature_norms" in figures) == validated
    figure = figures["feature_norms_by_class"]
    assert split in str(figure.get_label())
    smallest = figure.axes[0].lines[0]  # drawn first
    label = int(np.argsort(-np.array(run.read_data().group_counts), kind="stable")[-1])
    np.testing.assert_allclose(smallest.get_ydata(), record.norms[:, label], rtol=1e-6)
    run.feature_norms.unlink()
    assert "feature_norms_by_class" not in run_figures(run, "last")  # a run made before there was a record
