"""Every settings class, as the command line, a file and the help show it."""

import dataclasses
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from decouple.config.command_line import parse
from decouple.config.command_settings import (
    CompareConfig,
    DataCommandConfig,
    EvaluateConfig,
    QuickstartConfig,
    RunsConfig,
)
from decouple.config.help_text import default_text
from decouple.config.predict_settings import EmbedConfig, PredictConfig
from decouple.config.settings_yaml import from_yaml, to_yaml
from decouple.datasets.settings import DataConfig
from stage1.settings import Stage1Config
from stage2.settings import Stage2Config
from tuning.settings import JointConfig, Stage2SearchConfig, TauConfig, WeightDecayConfig
from tuning.sweep.settings import SweepConfig

KINDS = [
    DataConfig,
    DataCommandConfig,
    RunsConfig,
    EvaluateConfig,
    QuickstartConfig,
    CompareConfig,
    PredictConfig,
    EmbedConfig,
    SweepConfig,
    Stage1Config,
    Stage2Config,
    JointConfig,
    Stage2SearchConfig,
    TauConfig,
    WeightDecayConfig,
]


OF_A_RUN = ("run", "weights", "views", "refresh_features")
CHOSEN = {  # values of settings that not any value fits
    "device": "cuda:1",
    "weights": "best",
    "split": "val",
    "profile": "step",
    "class_order": "shuffled",
    "test_from": "train",
    "val_from": "test",
    "counts": (3, 2),
    "classes_only": ("b", "a"),
    "test_ratio": 3.5,
    "test_max_count": 9,
    "label_noise": 0.25,
    "drop_rate": 0.25,
    "drop_path": 0.125,
    "sam": 0.05,
    "classifier": "cosine",
    "augment": "none",
    "optimizer": "adam",
    "schedule": "step",
    "metric": "cl2n",
    "train": "head",
    "normalize": "data",
    "figures": "all",
    "search": "grid",
    "precision": "bf16",
    "resident": "no",
    "mix": "remix",
    "milestones": (3, 5),
    "workers": 2,
    "workers_per_gpu": 3,
    "feature_precision": "float16",
    "val_features": "v.npz",
    "test_features": "t.npz",
    "method": "lws",
    "ratio": 7.5,
    "max_count": 12,
    "image_size": 16,
    "epochs": 7,
    "warmup_epochs": 3,
    "tau": 1e-05,
    "lr": 1e-05,
    "k": 3,
    "folds": 4,
    "weight_decay": 0.25,
    "select": "few",
    "high": 1.5,
    "study": "a-b_c.1",
    "name": "no: 1 # τ",
    "figure": "f.svg",
    "sheet": "s.png",
    "out": "x.parquet",
    "prior": "train",
    "sets": 0.75,
    "set_score": "pas",
    "abstain": 0.5,
    "labels": "folders",
    "groups": "thirds",
    "profile_run": "cpu",
    "range": ("momentum=0.8:0.99",),
}


def _other_than_default(field: dataclasses.Field[Any]) -> Any:
    """Return some value that the settings accept and that is not the default."""
    default, name = field.default, field.name
    if name in CHOSEN and not (default and isinstance(default, tuple)):
        return CHOSEN[name]
    if default is dataclasses.MISSING:  # a mapping
        return {"power": 0.25, "base": "focal", "progressive": True}
    if isinstance(default, bool):
        return not default
    if isinstance(default, tuple):
        return ("crt", "tau")
    if isinstance(default, int | float):
        return default / 2 if isinstance(default, float) and default else default + type(default)(1)
    return "1e-4"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("changed", [False, True])
def test_settings_survive_the_way_through_a_file(kind: type[Any], changed: bool, tmp_path: Path) -> None:
    values = {field.name: _other_than_default(field) for field in dataclasses.fields(kind)} if changed else {}
    assert all(values[field.name] != field.default for field in dataclasses.fields(kind) if changed)
    if kind is DataCommandConfig and changed:
        values["folder"] = None  # it stands for `data` and `root`
    if "counts" in values:  # which go with no profile, and no share of validation images with val_from=test
        values |= {"counts": (), "val_from": "train"}
    if "features" in values:  # which go with no run, and nothing that is of one
        values |= {name: Stage2Config.__dataclass_fields__[name].default for name in OF_A_RUN}
    if kind is TauConfig and changed:  # a held-out share goes with no folds
        values["holdout"], values["folds"] = 0.25, 0
    settings = kind(**values)
    (tmp_path / "c.yaml").write_text(to_yaml(settings), encoding="utf-8")
    assert from_yaml(kind, tmp_path / "c.yaml") == settings


def test_counts_and_the_split_of_validation_survive_too(tmp_path: Path) -> None:
    settings = DataConfig(
        data="cifar10", counts=(3, 2), classes_only=("dog", "cat"), test_from="train", val_from="test"
    )
    (tmp_path / "c.yaml").write_text(to_yaml(settings), encoding="utf-8")
    assert from_yaml(DataConfig, tmp_path / "c.yaml") == settings


@pytest.mark.parametrize("kind", KINDS)
def test_help_shows_every_option_with_its_default(kind: type[Any], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parse(kind, ["--help"], "decouple x")
    assert caught.value.code == 0
    _, *entries = re.split(r"\n(?:options of every call, [^\n]*\n)?  (?=--)", capsys.readouterr().out)  # one per option
    displayed = {entry.split()[0]: "".join(entry.split()) for entry in entries}  # lines may break within a word
    for field in dataclasses.fields(kind):
        entry = displayed["--" + field.name.replace("_", "-")]
        text = "".join(field.metadata["help"].split())
        assert entry.endswith(text)
        assert f"default:{''.join(default_text(field).split())}" in entry or "default" in text


@pytest.mark.parametrize("module", sorted({kind.__module__ for kind in KINDS}))
def test_settings_import_nothing_slow(module: str) -> None:
    code = f"import sys, {module}; print(*sys.modules)"
    displayed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "optuna", "pandas", "matplotlib", "timm", "sklearn"} & set(displayed.stdout.split())
