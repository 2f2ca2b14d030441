"""`decouple export`: files by default and by name, refusals, `.pt2` files, and thousands of classes."""

import dataclasses
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from decouple.classifier import Classifier
from decouple.deploy import export
from decouple.deploy.export_examples import ExampleImages
from decouple.deploy.export_module import ExportModule
from decouple.deploy.export_onnx import write as write_onnx
from decouple.deploy.export_source import ExportSource, open_export_source
from decouple.deploy.predictor import Predictor, load_predictor
from decouple.errors import ConfigError
from decouple.files.json_records import write_record
from decouple.files.run_dir import RunDir
from stage1.normalization import Normalization

Run = Callable[..., Any]
MANY_CLASSES = 8142
LOAD_ALONE = """
import json, sys, torch
extra = {"metadata.json": ""}
program = torch.export.load(sys.argv[1], extra_files=extra).module()
pixels = torch.arange(5 * 8 * 8 * 3).remainder(256).to(torch.uint8).reshape(5, 8, 8, 3)
probabilities, _ = program(pixels)
assert not [name for name in sys.modules if name.split(".")[0] in ("decouple", "stage1", "stage2")]
print(json.dumps([json.loads(extra["metadata.json"])["names"], probabilities.tolist()]))
"""


@pytest.mark.parametrize("method", ["disalign", "knn"])
def test_a_pt2_file_gives_the_probabilities_in_torch_alone(
    method: str, exportable: Path, tmp_path: Path, decouple: Run
) -> None:
    answer = decouple("export", exportable / "base", "--format", "pt2", "--method", method)
    assert answer.code == 0, answer.err
    (tmp_path / "load.py").write_text(LOAD_ALONE)
    target = exportable / "base" / "export" / f"base-{method}.pt2"
    command = [sys.executable, "-I", "-W", "error", str(tmp_path / "load.py"), str(target)]
    names, probabilities = json.loads(subprocess.run(command, capture_output=True, check=True, cwd=tmp_path).stdout)
    predictor = load_predictor(RunDir(exportable / "base"), method=method, device="cpu", precision="fp32")
    pixels = (np.arange(5 * 8 * 8 * 3) % 256).astype(np.uint8).reshape(5, 8, 8, 3)
    assert names == list(predictor.class_names)
    np.testing.assert_allclose(
        probabilities, np.exp(predictor.log_probabilities(predictor.features(pixels))), atol=1e-4
    )


def test_the_result_as_json(exportable: Path, decouple: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "_writer", lambda *_: lambda source, target: target.write_text("x") * 1e-5)
    answer = decouple("export", exportable / "base", "--method", "tau", "--json")
    assert answer.code == 0, answer.err
    record = json.loads(answer.out)
    assert record | {"temperature": None} == {
        "path": str(exportable / "base" / "export" / "base-tau.onnx"),
        "format": "onnx",
        "bytes": 1,
        "run": str(exportable / "base"),
        "method": "tau",
        "weights": "last",
        "prior": "assumed",
        "temperature": None,
        "classes": 10,
        "image_size": 8,
        "difference": 1e-5,
        "checked_on": "16 images of the data set",
    }


def test_a_table_of_the_prior_is_applied_and_named(exportable: Path, tmp_path: Path) -> None:
    (tmp_path / "field.csv").write_text("class,count\n" + "".join(f"{digit},{digit}\n" for digit in range(10)))
    source = open_export_source(RunDir(exportable / "base"), method="ncm", prior=str(tmp_path / "field.csv"))
    assert source.record.prior == "field.csv"
    np.testing.assert_allclose(source.record.class_prior, np.arange(10) / 45)
    probabilities, _ = source.outputs(source.examples.pixels)
    assert not probabilities[:, 0].any()  # digit 0 does not occur


def test_without_the_images_random_ones_are_used(exportable: Path) -> None:
    run = RunDir(exportable / "base")
    data = run.config.read_text()
    assert "data: digits" in data
    run.config.write_text(data.replace("data: digits", "data: folder").replace("root: null", "root: nowhere"))
    source = open_export_source(run, method="none")
    assert source.examples.description == "16 random images, since those of the run are not there"
    assert source.examples.pixels.shape == (16, 8, 8, 3)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--method", "tua"), "has no classifier 'tua' for its last weights. Did you mean 'tau'?"),
        (("--prior", "em"), "--prior em is estimated from the images of use"),
        (("--prior", "trian"), "--prior must be train, uniform"),
        (("--out", "model.pt"), "--out must be a file that ends in .onnx, or a folder that exists, got 'model.pt'"),
        (("--format", "tflite"), "--format must be one of onnx, pt2, timm"),
        (("--format", "timm", "--method", "tau"), "timm has no model 'resnet20', which is one of this package"),
        (("--format", "timm", "--method", "disalign"), "the classifier 'disalign' corrects its logits by the image"),
        (
            ("--format", "timm", "--method", "knn"),
            "use --format onnx or --format pt2, or a linear --method such as tau",
        ),
    ],
)
def test_what_is_not_possible_is_said_in_a_sentence(
    words: tuple[str, ...], sentence: str, exportable: Path, decouple: Run
) -> None:
    answer = decouple("export", exportable / "base", *words)
    assert answer.code == 2
    assert answer.err.startswith("error: ")
    assert sentence in answer.err
    assert not (exportable / "base" / "export").is_dir() or not list((exportable / "base" / "export").iterdir())


def test_a_missing_package_is_named_with_the_extra(
    exportable: Path, decouple: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("onnxruntime", "decouple.deploy.export_onnx"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)  # importing it fails as if it were not installed
    answer = decouple("export", exportable / "base")
    assert answer.code == 2
    assert (
        "--format onnx needs the package onnxruntime; install it with: pip install 'decouple-lt[export]'" in answer.err
    )


def test_a_run_of_features_has_nothing_to_export(exportable: Path, decouple: Run) -> None:
    run = RunDir(exportable / "base")
    write_record(run.manifest, dataclasses.replace(run.read_manifest(), kind="features"))
    answer = decouple("export", run.path, "--method", "none")
    assert answer.code == 2
    assert "has no network that could read images" in answer.err


def test_an_existing_folder_gets_the_file_under_its_default_name(
    exportable: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "_writer", lambda *_: lambda source, target: float(target.write_text("")))
    exported = export.export_run(RunDir(exportable / "base"), out=str(tmp_path), method="none", format="pt2")
    assert exported.path == str(tmp_path / "base-none.pt2")
    with pytest.raises(ConfigError, match=r"ends in \.pt2"):
        export.export_run(RunDir(exportable / "base"), out=str(tmp_path / "x"), method="none", format="pt2")


def test_thousands_of_classes_with_any_names(exportable: Path, tmp_path: Path) -> None:
    source = open_export_source(RunDir(exportable / "base"), method="none")
    names = tuple(f'{number} "é日\udcff\t' for number in range(MANY_CLASSES))  # \udcff: a byte that is no Unicode
    prior = (1 / MANY_CLASSES,) * MANY_CLASSES
    record = dataclasses.replace(source.record, names=names, class_prior=prior)
    generator = torch.Generator().manual_seed(0)
    module = ExportModule(
        nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()),
        Classifier("linear", torch.randn(MANY_CLASSES, 3, generator=generator)),
        Normalization((0.5,) * 3, (0.25,) * 3),
        temperature=2.0,
        offset=torch.zeros(MANY_CLASSES),
    ).requires_grad_(requires_grad=False)
    examples = ExampleImages(source.examples.pixels, "16 images")
    target = tmp_path / "many.onnx"
    assert write_onnx(ExportSource(cast(Predictor, None), module, record, examples), target) < 1e-5
    metadata = {entry.key: entry.value for entry in onnx.load(target).metadata_props}
    assert tuple(json.loads(metadata["names"])) == names
