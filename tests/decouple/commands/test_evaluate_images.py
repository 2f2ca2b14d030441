"""`decouple evaluate RUN --images FOLDER` through the entry point."""

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from decouple.deploy.predictor import load_predictor
from decouple.evaluation.calibration import expected_calibration_error
from decouple.files.csv_files import unescape_formula
from decouple.files.run_dir import RunDir

Run = Callable[..., Any]
CPU = ("--device", "cpu")


def probabilities(run: RunDir, new: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return labels (N,) and calibrated probabilities (N, C) of the images of a folder."""
    predictor = load_predictor(run, method="logit_adjust", device="cpu")
    names = run.read_data().class_names
    paths = [path for name in sorted(names) for path in sorted((new / name).glob("*.png"))]
    pixels = np.stack([predictor.read(str(path)) for path in paths])
    labels = np.array([names.index(path.parent.name) for path in paths])
    return labels, np.exp(predictor.log_probabilities(predictor.features(pixels)))


def test_a_new_folder_gets_every_figure(decouple: Run, colours: RunDir, new: Path) -> None:
    answer = decouple("evaluate", colours.path, "--images", new, "--method", "logit_adjust", "--json", *CPU)
    assert answer.code == 0, answer.err
    record = json.loads(answer.out)
    labels, probs = probabilities(colours, new)
    correct = probs.argmax(axis=1) == labels
    assert record["metrics"]["top1"] == pytest.approx(100 * correct.mean())
    recalls = [correct[labels == label].mean() for label in range(3)]
    assert [row["recall"] for row in record["recalls"]] == pytest.approx([100 * recall for recall in recalls])
    assert [row["images"] for row in record["recalls"]] == [np.sum(labels == label) for label in range(3)]
    after = record["calibration"]["after"]["all"]
    assert after["equal_width"] == pytest.approx(expected_calibration_error(probs.max(axis=1), correct))
    assert record["changing_priors"]["uniform"] == pytest.approx(100 * np.mean(recalls))
    assert (record["split"], record["images"], record["prior"]) == (None, str(new), "classifier")


def test_classes_may_be_missing_or_differ_in_case(decouple: Run, colours: RunDir, new: Path) -> None:
    shutil.rmtree(new / "grün <script>")
    (new / 'blue "b"').rename(new / 'Blue  "B"')
    (new / "=1+1" / "torn.png").write_bytes(b"torn")
    answer = decouple("evaluate", colours.path, "--images", new, "--json", *CPU)
    record = json.loads(answer.out)
    assert sorted(row["images"] for row in record["recalls"]) == [0, 5, 6]
    assert list(record["unreadable"]) == [str(new / "=1+1" / "torn.png")]
    assert "left out: cannot read the image" in answer.err


def test_the_prior_moves_the_decisions(decouple: Run, colours: RunDir, new: Path, tmp_path: Path) -> None:
    shares = {'blue "b"': 98, "grün <script>": 1, "=1+1": 1}
    (tmp_path / "prior.json").write_text(json.dumps(shares))
    words = ("--images", new, "--method", "logit_adjust", "--prior", tmp_path / "prior.json", "--json", *CPU)
    record = json.loads(decouple("evaluate", colours.path, *words).out)
    labels, probs = probabilities(colours, new)
    shifted = probs * [shares[name] for name in colours.read_data().class_names]
    assert record["metrics"]["top1"] == pytest.approx(100 * (shifted.argmax(axis=1) == labels).mean())


def test_sets_are_those_of_predict(decouple: Run, colours: RunDir, new: Path, tmp_path: Path) -> None:
    words = ("--sets", "0.8", "--set-score", "pas", *CPU)
    record = json.loads(decouple("evaluate", colours.path, "--images", new, *words, "--json").out)
    assert decouple("predict", colours.path, new, *words, "--out", tmp_path / "out.csv").code == 0
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    covered = [Path(row["path"]).parent.name in json.loads(row["set"]) for row in rows]
    assert record["sets"]["coverage"] == pytest.approx(100 * np.mean(covered))
    assert record["sets"]["mean_size"] == pytest.approx(np.mean([int(row["set_size"]) for row in rows]))
    assert {unescape_formula(row["class"]) for row in rows} <= set(colours.read_data().class_names)


def test_classes_with_few_images_are_marked_and_not_ranked(decouple: Run, colours: RunDir, new: Path) -> None:
    words = ("evaluate", colours.path, "--images", new, *CPU)
    few = decouple(*words).out
    assert few.count("few images") == 3
    assert "classes are not ranked: fewer than two have 10 images or more" in few
    for name in ("=1+1", 'blue "b"'):
        for path in list((new / name).glob("*.png")):
            shutil.copy(path, path.with_name(f"again-{path.name}"))
    enough = decouple(*words).out
    assert enough.count("few images") == 1
    assert "lowest accuracy of the 2 classes with 10 images or more: " in enough
    assert "grün" not in next(line for line in enough.splitlines() if line.startswith("lowest"))


def test_a_run_without_its_images_names_both_ways_on(decouple: Run, colours: RunDir) -> None:
    answer = decouple("evaluate", colours.path)
    assert answer.code == 2
    assert "Name the folder of the run's images with --root, or new labelled images with --images" in answer.err


@pytest.mark.parametrize(
    ("folder", "sentence"),
    [
        ("=1+2", "has subfolders that are no class of the run: '=1+2'. Did you mean '=1+1'?; rename or remove them"),
        ("test", "holds splits, not classes; name one of them, such as --images"),
    ],
)
def test_unknown_classes_are_refused(
    decouple: Run, colours: RunDir, new: Path, tmp_path: Path, folder: str, sentence: str
) -> None:
    (new / folder).mkdir()
    answer = decouple("evaluate", colours.path, "--images", new)
    assert (answer.code, sentence in answer.err) == (2, True)
    for words, text in ((tmp_path / "gone", "is no folder"), (new / "=1+1", "has no image in a subfolder")):
        assert text in decouple("evaluate", colours.path, "--images", words).err
    assert "name two sets" in decouple("evaluate", colours.path, "--images", new, "--split", "val").err
