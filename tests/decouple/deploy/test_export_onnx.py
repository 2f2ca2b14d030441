"""ONNX files: in onnxruntime alone they give the probabilities of the predictor; metadata; refusals."""

import csv
import dataclasses
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from PIL import Image

from decouple.datasets.image_files import read_image as export_reader
from decouple.deploy import export_check, export_onnx
from decouple.deploy.predictor import load_predictor
from decouple.files.csv_files import unescape_formula
from decouple.files.json_records import write_record
from decouple.files.run_dir import RunDir
from stage1.run import open_training

Run = Callable[..., Any]
ROOT = Path(__file__).parents[3]
(SCRIPT,) = re.findall(
    r"```python\n(import json, sys\n.*?)```", (ROOT / "docs/export.md").read_text("utf-8"), re.DOTALL
)
ALONE = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("decouple", "stage1", "stage2", "samplers", "tuning", "torch", "timm"):
            raise AssertionError(f"imports {name}")
sys.meta_path.insert(0, Refuse())
"""
NAMES = (
    "Käfer",
    "日本 蛾",
    'a "quoted" name',
    "it's",
    "<script>alert(1)</script>",
    "=1+1",
    "a|b",
    "🦋",
    "x" * 200,
    "\\n",
)


def rename_classes(run: RunDir, names: tuple[str, ...] = NAMES) -> None:
    write_record(run.data, dataclasses.replace(run.read_data(), class_names=names))


def png_files(run: RunDir, folder: Path) -> list[Path]:
    data = open_training(run, device="cpu").batches.data
    folder.mkdir()
    paths = [folder / f"{number}.png" for number in range(40)]
    for path, pixels in zip(paths, data.pixels.read(data.splits["test"][:40]), strict=True):
        Image.fromarray(pixels).save(path)
    return paths


def run_alone(model: Path, paths: list[Path], folder: Path) -> list[str]:
    """Return the classes that the program of docs/export.md prints, in a process that cannot import this package."""
    program = folder / "program.py"
    program.write_text(ALONE + SCRIPT, encoding="utf-8")
    command = [sys.executable, "-I", "-X", "utf8", str(program), str(model), *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True, cwd=folder)
    return [line.split("\t")[1] for line in done.stdout.splitlines()]


@pytest.mark.parametrize("method", ["tau", "ncm", "disalign", "knn"])  # linear, cosine, aligned, neighbours
def test_onnxruntime_gives_the_probabilities_of_the_predictor(method: str, exportable: Path, decouple: Run) -> None:
    target = exportable / "model.onnx"
    answer = decouple("export", exportable / "base", "--method", method, "--out", target, "--prior", "train")
    assert answer.code == 0, answer.err
    assert "checked on 16 images of the data set" in answer.out
    predictor = load_predictor(RunDir(exportable / "base"), method=method, device="cpu", precision="fp32")
    counts = np.array(predictor.record.class_counts)
    session = onnxruntime.InferenceSession(target)
    for size in (1, 3, 37):
        pixels = np.random.default_rng(size).integers(0, 256, (size, 8, 8, 3), dtype=np.uint8)
        probabilities, log_probs = session.run(["probabilities", "log_probabilities"], {"pixels": pixels})
        expected = predictor.log_probabilities(predictor.features(pixels), counts / counts.sum())
        np.testing.assert_allclose(probabilities, np.exp(expected), atol=1e-4)
        np.testing.assert_allclose(log_probs, expected, rtol=1e-4, atol=1e-4)


def test_a_moved_run_with_strange_names_gives_its_classes_in_onnxruntime_alone(
    exportable: Path, tmp_path: Path, decouple: Run
) -> None:
    run = RunDir(exportable / "base")
    paths = png_files(run, tmp_path / "images")
    rename_classes(run)
    moved = tmp_path / "elsewhere" / "möved run"
    moved.parent.mkdir()
    shutil.move(run.path, moved)
    answer = decouple("export", moved, "--license", "cc-by-4.0")
    assert answer.code == 0, answer.err
    (target,) = (moved / "export").iterdir()
    assert target.name == f"möved run-{load_predictor(RunDir(moved), device='cpu').calibrated.name}.onnx"
    table = tmp_path / "predictions.csv"
    answer = decouple("predict", moved, tmp_path / "images", "--precision", "fp32", "--device", "cpu", "--out", table)
    assert answer.code == 0, answer.err
    with table.open(encoding="utf-8", newline="") as file:
        predicted = {row["path"]: unescape_formula(row["class"]) for row in csv.DictReader(file)}
    assert len(predicted) == len(paths) == 40
    assert run_alone(target, paths, tmp_path) == [predicted[str(path)] for path in paths]


def test_the_program_of_the_page_reads_images_as_training_does(tmp_path: Path) -> None:
    functions: dict[str, Any] = {"size": 12}
    exec(
        SCRIPT[: SCRIPT.index("session =")] + SCRIPT[SCRIPT.index("def read") : SCRIPT.index("for path in sys")],
        functions,
    )
    pixels = np.random.default_rng(0).integers(0, 256, (31, 50, 4), dtype=np.uint8)
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    picture = Image.fromarray(pixels)
    for number, mode in enumerate(("RGBA", "RGB", "L", "LA", "P", "1", "CMYK")):
        ending = "tiff" if mode == "CMYK" else "png"
        path = str(tmp_path / f"{number}.{ending}")
        picture.convert("RGB").convert(mode).save(path, exif=exif) if mode != "RGBA" else picture.save(path, exif=exif)
        np.testing.assert_array_equal(functions["read"](path), export_reader(path, 12), err_msg=mode)
    big = Image.fromarray(np.random.default_rng(1).integers(0, 256, (120, 90, 3), dtype=np.uint8))
    big.save(tmp_path / "big.jpg")
    np.testing.assert_array_equal(
        functions["read"](str(tmp_path / "big.jpg")), export_reader(str(tmp_path / "big.jpg"), 12)
    )


def test_metadata_name_everything(exportable: Path, decouple: Run) -> None:
    rename_classes(RunDir(exportable / "base"))
    target = exportable / "m.onnx"
    words = ("--method", "tau", "--weights", "last", "--prior", "uniform", "--license", "cc-by-4.0", "--out", target)
    assert decouple("export", exportable / "base", *words).code == 0
    model = onnx.load(target)
    onnx.checker.check_model(model, full_check=True)
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    data = RunDir(exportable / "base").read_data()
    assert json.loads(metadata["names"]) == list(NAMES)
    assert "日本 蛾" in metadata["names"]
    assert json.loads(metadata["imgsz"]) == [8, 8]
    assert (json.loads(metadata["mean"]), json.loads(metadata["std"])) == (list(data.mean), list(data.std))
    assert json.loads(metadata["class_prior"]) == [0.1] * 10
    assert json.loads(metadata["class_counts"]) == list(data.class_counts)
    assert json.loads(metadata["preprocessing"])["interpolation"] == "bilinear"
    assert float(metadata["temperature"]) > 0
    texts = {key: metadata[key] for key in ("task", "license", "prior", "method", "weights", "model", "run", "version")}
    assert texts == {
        "task": "classify",
        "license": "cc-by-4.0",
        "prior": "uniform",
        "method": "tau",
        "weights": "last",
        "model": "resnet20",
        "run": "base",
        "version": "1",
    }
    (pixels,) = model.graph.input
    assert [axis.dim_param or axis.dim_value for axis in pixels.type.tensor_type.shape.dim] == ["batch", 8, 8, 3]
    assert [output.name for output in model.graph.output] == ["probabilities", "log_probabilities"]
    assert {path.name for path in exportable.iterdir()} == {"base", "m.onnx"}  # the weights are inside


def test_a_file_that_differs_is_not_written(exportable: Path, decouple: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    target = exportable / "m.onnx"
    target.write_text("an earlier version")
    session = onnxruntime.InferenceSession

    class Wrong:
        def __init__(self, *arguments: object, **more: object) -> None:
            self._session = session(*arguments, **more)

        def run(self, names: list[str], inputs: dict[str, object]) -> list[Any]:
            return [output + np.float32(0.01) for output in self._session.run(names, inputs)]

    monkeypatch.setattr(export_onnx.onnxruntime, "InferenceSession", Wrong)
    answer = decouple("export", exportable / "base", "--method", "none", "--out", target)
    assert answer.code == 2
    assert "onnxruntime differs from PyTorch by 0.01 on 16 images of the data set" in answer.err
    assert target.read_text() == "an earlier version"
    assert {path.name for path in exportable.iterdir()} == {"base", "m.onnx"}


def test_a_difference_that_is_no_number_is_one() -> None:
    nan = np.array([np.nan], np.float32)
    assert np.isnan(export_check.largest_difference([np.zeros(1, np.float32)], [nan]))
    assert export_check.largest_difference([nan], [np.zeros((1, 1), np.float32)]) == np.inf


def test_weights_beyond_the_format_are_refused(
    exportable: Path, decouple: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_onnx, "MAX_BYTES", 10**6)
    answer = decouple("export", exportable / "base", "--method", "none")
    assert answer.code == 2
    assert "an ONNX file holds less than 2 GiB; use --format pt2" in answer.err
