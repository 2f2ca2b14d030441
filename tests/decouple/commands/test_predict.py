"""`decouple predict` through the entry point, on a run that was moved and has lost its images."""

import csv
import io
import json
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from decouple.deploy.predictor import load_predictor
from decouple.evaluation.prior_estimation import estimate_prior
from decouple.files.csv_files import unescape_formula
from decouple.files.run_dir import RunDir

Run = Callable[..., Any]


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def plain_probabilities(run: RunDir, paths: Sequence[str], method: str = "logit_adjust") -> np.ndarray:
    """Return probabilities of the files one by one, under the prior of the classifier."""
    predictor = load_predictor(run, method=method, device="cpu", precision="fp32")
    pixels = np.stack([predictor.read(path) for path in paths])
    return np.exp(predictor.log_probabilities(predictor.features(pixels)))


def test_the_table_of_a_folder(decouple: Run, colours: RunDir, new: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    answer = decouple(
        "predict", colours.path, new, "--out", out, "--method", "logit_adjust", "--precision", "fp32", "--device", "cpu"
    )
    assert (answer.code, answer.err.count("error")) == (0, 0)
    rows = table(out)
    paths = [row["path"] for row in rows]
    assert paths == sorted(str(path) for path in new.rglob("*.png"))
    probabilities, names = plain_probabilities(colours, paths), colours.read_data().class_names
    for row, expected in zip(rows, probabilities, strict=True):
        order = np.argsort(-expected)
        assert [unescape_formula(row[f"class_{rank}"]) for rank in (1, 2, 3)] == [names[label] for label in order]
        assert float(row["probability"]) == pytest.approx(expected[order[0]], abs=1e-6)
        assert float(row["margin"]) == pytest.approx(expected[order[0]] - expected[order[1]], abs=1e-6)
        assert row["class"] == row["class_1"]
        assert row["class"][0] != "="
    assert "predicted as it was evaluated" in answer.out.replace("predicts", "predicted")
    assert f"predictions: {out}" in answer.out
    correct = [unescape_formula(row["class"]) == Path(row["path"]).parent.name for row in rows]
    assert sum(correct) >= 12  # of 15: the colours are easy


@pytest.mark.parametrize("word", ["run", "name", "latest"])
def test_the_run_may_be_named_or_left_out(decouple: Run, colours: RunDir, new: Path, word: str) -> None:
    words: dict[str, list[object]] = {
        "run": ["--run", colours.path, new],
        "name": ["colours", new, "--runs", colours.path.parent],
        "latest": [new, "--runs", colours.path.parent],
    }
    answer = decouple("predict", *words[word], "--out", new.parent / "out.csv", "--json")
    assert answer.code == 0
    record = json.loads(answer.out)
    assert (record["images"], record["skipped"], record["run"]) == (15, [], str(colours.path))
    assert sum(row["images"] for row in record["classes"]) == 15


def test_stdout_holds_the_table_alone(
    decouple: Run, colours: RunDir, new: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [str(new / 'blue "b"' / "00.png"), "", str(new / "=1+1"), str(new / "gone.png")]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("\n".join(lines).encode())))
    answer = decouple("predict", colours.path, "-", "--out", "-")
    rows = list(csv.DictReader(io.StringIO(answer.out)))
    assert answer.code == 0
    assert len(rows) == 7
    assert "left out: cannot read the image" in answer.err
    assert "images: 7, 1 more could not be read" in answer.err


def test_the_prior_moves_the_probabilities(decouple: Run, colours: RunDir, new: Path, tmp_path: Path) -> None:
    prior = tmp_path / "prior.csv"
    prior.write_text('class,share\n\'=1+1,0\n"blue ""b""",3\ngrün <script>,1\n', encoding="utf-8")
    out = tmp_path / "out.csv"
    words = ("predict", colours.path, new, "--out", out, "--method", "logit_adjust", "--device", "cpu")
    assert decouple(*words, "--precision", "fp32", "--prior", prior).code == 0
    rows = table(out)
    plain = plain_probabilities(colours, [row["path"] for row in rows])
    shifted = plain * np.array([0, 0.75, 0.25])  # logit adjustment with tau 1 assumes that all are equally frequent
    shifted /= shifted.sum(axis=1, keepdims=True)
    assert [float(row["probability_1"]) for row in rows] == pytest.approx(shifted.max(axis=1), abs=2e-6)
    assert not {row["class_1"] for row in rows} & {"'=1+1"}


def test_the_prior_is_estimated_from_the_images(decouple: Run, colours: RunDir, new: Path, tmp_path: Path) -> None:
    shutil.rmtree(new / "grün <script>")
    words = ("predict", colours.path, new, "--out", tmp_path / "out.csv", "--method", "logit_adjust", "--json")
    record = json.loads(decouple(*words, "--prior", "em", "--device", "cpu", "--precision", "fp32").out)
    plain = plain_probabilities(colours, [row["path"] for row in table(tmp_path / "out.csv")])
    expected = estimate_prior(plain, np.full(3, 1 / 3)).prior
    assert [row["prior"] for row in record["classes"]] == pytest.approx(expected, abs=1e-5)
    assert record["prior"] == "em"


def test_sets_and_abstention(decouple: Run, colours: RunDir, new: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    words = ("predict", colours.path, new, "--out", out, "--sets", "0.9", "--abstain", "0.999")
    assert decouple(*words).code == 0
    rows = table(out)
    for row in rows:
        assert (row["class"] == "") == (float(row["probability"]) < 0.999)
        names = json.loads(row["set"])
        assert len(names) == int(row["set_size"]) >= 1
        assert names[0] == unescape_formula(row["class_1"])
    assert {row["class"] for row in rows} >= {""}
    refused = decouple("predict", colours.path, new, "--out", out, "--sets", "0.999")
    assert refused.code == 2
    assert "are too few for sets with a coverage of 0.999; 999 or more are needed" in refused.err
    assert table(out) == rows


def test_parquet_holds_the_same(decouple: Run, colours: RunDir, new: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    for name in ("out.csv", "out.parquet"):
        assert decouple("predict", colours.path, new, "--out", tmp_path / name, "--sets", "0.8").code == 0
    frame = pd.read_parquet(tmp_path / "out.parquet")
    rows = table(tmp_path / "out.csv")
    assert frame["class"].tolist() == [unescape_formula(row["class"]) for row in rows]
    assert frame["probability_2"].tolist() == pytest.approx([float(row["probability_2"]) for row in rows])
    assert [list(names) for names in frame["set"]] == [json.loads(row["set"]) for row in rows]


def test_the_sheet_is_drawn(decouple: Run, colours: RunDir, new: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.png"
    answer = decouple("predict", colours.path, new, "--out", tmp_path / "out.csv", "--sheet", sheet)
    assert answer.code == 0
    assert sheet.stat().st_size > 10_000
    assert f"contact sheet: {sheet}" in answer.out


def test_a_run_without_validation_is_not_calibrated(decouple: Run, colours: RunDir, new: Path, tmp_path: Path) -> None:
    (colours.path / "features" / "last" / "val.safetensors").unlink()
    words = ("predict", colours.path, new, "--out", tmp_path / "out.csv")
    answer = decouple(*words)
    assert answer.code == 0
    assert "probabilities are not calibrated, since the run has no held-out images" in answer.out
    refused = decouple(*words, "--sets", "0.9")
    assert refused.code == 2
    assert "--sets needs images that the classifier was not fitted to" in refused.err


def _mistakes(new: Path) -> dict[str, tuple[object, ...]]:
    return {
        "name the images": (),
        "is neither a run nor a file or folder. Did you mean 'colours'?": ("colors", new),
        "there is no image in": (new.parent / "empty",),
        "--out must end in .csv or .parquet, or be - for stdout, got 'out.txt'": (new, "--out", "out.txt"),
        "--out must name a file in a folder that exists": (new, "--out", "no/such/out.csv"),
        "--prior must be train, uniform, em, or a file": (new, "--prior", "even"),
        "there is no file gone.json of a class prior": (new, "--prior", "gone.json"),
        "--abstain must be": (new, "--abstain", "60"),
        "--sets must be": (new, "--sets", "90"),
        "has no classifier 'tau'": (new, "--method", "tau"),
        "--json and --out - both write to stdout": (new, "--out", "-", "--json"),
        "cannot read the image": (new.parent / "text.png",),
    }


@pytest.mark.parametrize("sentence", list(_mistakes(Path())))
def test_mistakes_are_one_sentence(
    decouple: Run, colours: RunDir, new: Path, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(new.parent)
    (new.parent / "empty").mkdir()
    (new.parent / "text.png").write_text("no image")
    answer = decouple("predict", *_mistakes(new)[sentence], "--runs", colours.path.parent)
    assert answer.code == 2
    assert sentence in answer.err
    assert answer.err.splitlines()[-1].startswith("error: ")
    assert "skip-bad-images" not in answer.err
    assert not (new.parent / "predictions.csv").exists()
