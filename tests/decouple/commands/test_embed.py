"""`decouple embed` through the entry point, and its files read back by stage two."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from safetensors import safe_open

from decouple.deploy.predictor import load_predictor
from decouple.files.feature_tables import read_feature_table
from decouple.files.run_dir import RunDir

Run = Callable[..., Any]


def expected_features(run: RunDir, paths: list[str]) -> np.ndarray:
    predictor = load_predictor(run, method="none", device="cpu", precision="fp32")
    return predictor.features(np.stack([predictor.read(path) for path in paths])).numpy()


@pytest.mark.parametrize("labels", ["none", "folders"])
@pytest.mark.parametrize("ending", ["npz", "safetensors", "parquet"])
def test_features_of_a_folder(
    decouple: Run, colours: RunDir, new: Path, tmp_path: Path, ending: str, labels: str
) -> None:
    if ending == "parquet":
        pytest.importorskip("pyarrow")
    out = tmp_path / f"features.{ending}"
    (new / "torn.png").write_bytes(next(new.rglob("*.png")).read_bytes()[:60])
    words = ("--precision", "fp32", "--device", "cpu", "--labels", labels, "--json")
    answer = decouple("embed", colours.path, new, "--out", out, *words)
    assert answer.code == 0
    record = json.loads(answer.out)
    assert (record["images"], len(record["skipped"])) == (15, 1)
    assert record["classes"] == ({} if labels == "none" else {"=1+1": 6, 'blue "b"': 5, "grün <script>": 4})
    paths = sorted(str(path) for path in new.rglob("*/*.png"))
    np.testing.assert_allclose(_stored(out, paths), expected_features(colours, paths), rtol=1e-5, atol=1e-5)


def _stored(out: Path, paths: list[str]) -> np.ndarray:
    """Return the features of a file, after a check of its paths."""
    if out.suffix == ".npz":
        archive = np.load(out)
        assert archive["path"].tolist() == paths
        return archive["features"]
    if out.suffix == ".safetensors":
        with safe_open(out, "np") as file:
            assert json.loads(file.metadata()["metadata"])["paths"] == paths
            return file.get_tensor("features")
    frame = pd.read_parquet(out)
    assert frame["path"].tolist() == paths
    return frame.filter(regex=r"^f\d+$").to_numpy()


def test_labels_are_those_that_stage_two_reads(decouple: Run, colours: RunDir, new: Path, tmp_path: Path) -> None:
    for ending in ("npz", "safetensors"):
        out = tmp_path / f"features.{ending}"
        assert decouple("embed", colours.path, new, "--out", out, "--labels", "folders").code == 0
    named = read_feature_table(tmp_path / "features.npz", None)
    assert named.labels.tolist() == ["=1+1"] * 6 + ['blue "b"'] * 5 + ["grün <script>"] * 4
    numbers = read_feature_table(tmp_path / "features.safetensors", None)
    assert numbers.labels.tolist() == [0] * 6 + [1] * 5 + [2] * 4
    np.testing.assert_array_equal(named.features, numbers.features)
    words = ("--features", tmp_path / "features.npz", "--method", "ncm")
    answer = decouple("stage2", *words, "--runs", tmp_path / "runs", "--device", "cpu")
    assert answer.code == 0, answer.err


def test_no_image_at_all_leaves_no_file(decouple: Run, colours: RunDir, new: Path, tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no image")
    for words in ([tmp_path / "text.png"], [tmp_path / "gone.png"]):
        answer = decouple("embed", colours.path, *words, "--out", tmp_path / "f.npz")
        assert answer.code == 2
    assert not list(tmp_path.glob("*f.npz*"))
