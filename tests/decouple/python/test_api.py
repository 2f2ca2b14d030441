"""The functions for Python users give what the commands give."""

import inspect
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import decouple
from decouple.errors import ConfigError, RunError
from decouple.files.feature_norms import read_feature_norms
from decouple.files.run_dir import RunDir
from decouple.python.run import Run
from decouple.python.settings import settings_of
from stage1.settings import Stage1Config

TINY: Any = {"data": "digits", "fraction": 0.5, "epochs": 2, "batch_size": 16, "device": "cpu"}


@pytest.fixture
def base(runs: Path) -> Run:
    return decouple.load("base", runs=runs)


def test_importing_the_package_imports_neither_torch_nor_pandas() -> None:
    program = "import decouple, sys; print(dir(decouple)); print({'torch', 'pandas', 'numpy'} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    menu, modules = result.stdout.splitlines()
    assert "'stage1'" in menu
    assert modules == "set()"


def test_stage1_trains_the_run_that_the_command_trains(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = decouple.stage1(runs=runs, name="again", **TINY)
    assert capsys.readouterr() == ("", "")
    weights = [RunDir(runs / name).weights("last").read_bytes() for name in ("base", "again")]
    assert weights[0] == weights[1]
    assert repr(run) == f"Run({str(runs / 'again')!r}, finished, 10 classes)"
    assert len(run.history()) == 2
    norms, stored = run.feature_norms(), read_feature_norms(run.path / "feature_norms.safetensors")
    assert stored is not None
    assert norms.index.tolist() == [1, 2]
    assert norms.columns.tolist() == list(run.class_names)
    np.testing.assert_array_equal(norms.to_numpy(), stored.norms.numpy())
    (run.path / "feature_norms.safetensors").unlink()
    assert run.feature_norms().shape == (0, 10)


def test_stage2_adds_a_row_to_the_frame(base: Run) -> None:
    before = base.frame()
    run = decouple.stage2(base, method="ncm", device="cpu")
    frame = run.frame()
    assert ("last", "ncm") not in before.index
    test = run.results.stage2["last"]["ncm"].metrics["test"]
    assert frame.loc[("last", "ncm"), "balanced"] == test["balanced"]
    assert frame.loc[("last", "ncm"), "few"] == test["groups"]["many_medium_few"]["few"]
    assert list(run.frame("val").columns) == list(frame.columns)


def test_tune_returns_the_trials(base: Run) -> None:
    study = decouple.tune("tau", base, trials=3, search="grid", low=0.0, high=1.0)
    frame = study.frame()
    assert frame["tau"].tolist() == [0.0, 0.5, 1.0]
    assert (
        study.best["tau"] == frame.sort_values("balanced", kind="stable")["tau"].tolist()[-1]
        or frame["balanced"].nunique() < 3
    )
    assert repr(study).startswith("Study(3 trials, best tau ")


def test_tune_weight_decay_trains_with_the_best(base: Run) -> None:
    study = decouple.tune("weight-decay", base, trials=1, epochs=1, device="cpu", stage2="ncm")
    (retrained,) = study.retrained
    assert ("last", "ncm") in retrained.frame().index


def test_compare_has_a_row_for_each_classifier_and_pair(base: Run, runs: Path) -> None:
    decouple.stage2(base, method="ncm", device="cpu")
    comparison = decouple.compare(base, runs=str(runs))
    frame = comparison.frame()
    assert list(frame.index) == ["none", "ncm"]
    assert frame["balanced"].tolist()[1] == base.frame()["balanced"].tolist()[-1]
    assert comparison.differences().index.tolist() == [("none", "ncm")]
    assert repr(comparison) == "Comparison(2 classifiers on 200 images: none, ncm)"


def test_own_arrays_train_and_are_opened_again(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], 20)
    images = decouple.datasets.from_arrays(
        (labels[:, None, None] * 128 + rng.integers(0, 99, (40, 8, 8))).astype("u1"), labels
    )
    run = decouple.stage1(images, runs=tmp_path, epochs=1, batch_size=8, device="cpu", profile="none")
    frame = decouple.stage2(run, method="ncm", device="cpu").frame()
    assert frame.loc[("last", "ncm"), "balanced"] == 100  # the classes differ by brightness


def test_unknown_names_are_named_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"unknown option 'epoch'. Did you mean 'epochs'\?"):
        decouple.stage1(**{"epoch": 3})  # type: ignore[typeddict-unknown-key]
    with pytest.raises(ConfigError, match="unknown search 'weightdecay'"):
        decouple.tune("weightdecay", Run(RunDir(Path("x"))))  # type: ignore[call-overload]
    with pytest.raises(RunError, match="there is no run"):
        decouple.load("nothing")
    with pytest.raises(AttributeError, match="has no attribute 'stage3'"):
        _ = decouple.stage3


def test_help_shows_the_options_with_their_defaults() -> None:
    parameters = inspect.signature(decouple.stage1).parameters
    assert parameters["epochs"].default == Stage1Config().epochs
    assert "resume" not in parameters
    assert settings_of(Stage1Config, {"root": None, "milestones": [1, 2]}).milestones == (1, 2)
