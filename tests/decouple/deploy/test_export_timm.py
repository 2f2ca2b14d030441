"""Folders in timm's hub form: timm loads them, and the softmax of its logits are the probabilities of the predictor."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import timm
import torch
import yaml
from PIL import Image

from decouple.cli import main
from decouple.deploy.model_card import markdown_text
from decouple.deploy.predictor import load_predictor
from decouple.files.run_dir import RunDir

Run = Callable[..., Any]
SMALL = [
    "--data",
    "digits",
    "--fraction",
    "0.2",
    "--ratio",
    "4",
    "--epochs",
    "1",
    "--batch-size",
    "32",
    "--device",
    "cpu",
]


@pytest.fixture(scope="module")
def timm_run(tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    """A run of a small network of timm, with class means by euclidean distance and tau-normalisation."""
    runs = tmp_path_factory.mktemp("timm") / "runs"
    words = ["--runs", str(runs)]
    assert main(["stage1", *SMALL, *words, "--name", "photos", "--model", "mobilenetv3_small_050"]) == 0
    assert main(["stage2", *words, "--method", "ncm", "--metric", "euclidean"]) == 0
    assert main(["stage2", *words, "--method", "tau"]) == 0
    return RunDir(runs / "photos")


@pytest.mark.parametrize("method", ["none", "ncm", "tau"])
def test_softmax_of_its_logits_are_the_probabilities(
    method: str, timm_run: RunDir, tmp_path: Path, decouple: Run
) -> None:
    target = tmp_path / "folder"
    words = ("--format", "timm", "--out", target, "--method", method, "--prior", "uniform")
    answer = decouple("export", timm_run.path, *words)
    assert answer.code == 0, answer.err
    model = timm.create_model(f"local-dir:{target}", pretrained=True).eval()
    transform = timm.data.create_transform(**timm.data.resolve_data_config({}, model=model))
    pixels = np.random.default_rng(0).integers(0, 256, (4, 8, 8, 3), dtype=np.uint8)
    with torch.no_grad():
        probabilities = model(torch.stack([transform(Image.fromarray(image)) for image in pixels])).softmax(dim=1)
    predictor = load_predictor(timm_run, method=method, device="cpu", precision="fp32")
    expected = np.exp(predictor.log_probabilities(predictor.features(pixels), np.full(10, 0.1)))
    np.testing.assert_allclose(probabilities.numpy(), expected, atol=1e-4)
    known = model.pretrained_cfg
    assert isinstance(known, dict)
    assert tuple(known["label_names"]) == predictor.class_names


def test_config_and_card_say_what_it_is(timm_run: RunDir, tmp_path: Path, decouple: Run) -> None:
    target = tmp_path / "folder"
    words = ("--format", "timm", "--out", target, "--method", "tau", "--license", "cc-by-4.0", "--quiet")
    answer = decouple("export", timm_run.path, *words)
    assert (answer.code, answer.err) == (0, "")
    assert {path.name for path in target.iterdir()} == {"config.json", "model.safetensors", "README.md"}
    config, data = json.loads((target / "config.json").read_text()), timm_run.read_data()
    assert (config["architecture"], config["num_classes"]) == ("mobilenetv3_small_050", 10)
    assert config["label_names"] == list(data.class_names)
    pretrained = config["pretrained_cfg"]
    assert (pretrained["mean"], pretrained["std"]) == (list(data.mean), list(data.std))
    assert (pretrained["input_size"], pretrained["interpolation"]) == ([3, 8, 8], "bilinear")
    assert (pretrained["crop_pct"], pretrained["license"]) == (1.0, "cc-by-4.0")

    card = (target / "README.md").read_text(encoding="utf-8")
    _, header, body = card.split("---\n", 2)
    assert yaml.safe_load(header)["license"] == "cc-by-4.0"
    rows = re.findall(
        r"^\| (\d) \| (\w*) \| (\d+) \| (\d+) \| ([\d.]+) \| ([\d.]+) to ([\d.]+) \| (.*?) \|$", body, re.M
    )
    metrics = timm_run.read_results().stage2["last"]["tau"].metrics["test"]
    assert [int(row[2]) for row in rows] == sorted(data.class_counts, reverse=True)
    for name, group, train, test, accuracy, low, high, mark in rows:
        label = data.class_names.index(name)
        assert (int(train), int(test)) == (data.class_counts[label], data.split_counts["test"][label])
        assert label in data.groups[group]
        assert float(accuracy) == pytest.approx(metrics["per_class"][label], abs=0.05)
        assert float(low) <= float(accuracy) <= float(high)
        assert mark == ("few images" if int(test) < 10 else "")
    assert f"| all images | {metrics['top1']:.1f} |" in body
    assert "The license is not stated" not in body


def test_an_earlier_version_is_replaced_and_a_foreign_folder_is_not(
    timm_run: RunDir, tmp_path: Path, decouple: Run
) -> None:
    target = tmp_path / "folder"
    target.mkdir()
    (target / "README.md").write_text("earlier")
    words = ("--format", "timm", "--out", target, "--method", "none")
    answer = decouple("export", timm_run.name, "--runs", timm_run.path.parent, *words)
    assert answer.code == 0
    assert f"{target} is an earlier export; it is replaced" in answer.out + answer.err
    assert "The license is not stated" in (target / "README.md").read_text()
    (target / "thesis.txt").write_text("mine")
    answer = decouple("export", timm_run.path, *words)
    assert answer.code == 2
    assert "holds other files, such as thesis.txt; choose a new one with --out" in answer.err
    assert (target / "thesis.txt").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_class_names_cannot_break_the_card() -> None:
    assert markdown_text("<script>alert(1)</script>") == "&lt;script&gt;alert(1)&lt;/script&gt;"
    assert markdown_text("a | b\n| c *d* [e](f)") == r"a \| b \| c \*d\* \[e\](f)"
