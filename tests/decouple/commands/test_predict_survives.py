"""Images and names as people have them, through `decouple predict`; the run was moved and has no images."""

import csv
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from decouple.deploy.decisions import Decider
from decouple.deploy.image_batches import read_batches
from decouple.deploy.prediction_table import column_names, prediction_columns
from decouple.errors import DataError
from decouple.evaluation.prediction_sets import SetRule
from decouple.files.csv_files import unescape_formula
from decouple.files.run_dir import RunDir

Run = Callable[..., Any]


def predicted(decouple: Run, run: RunDir, *words: object, out: Path) -> dict[str, dict[str, str]]:
    """Return the rows of the table by path."""
    answer = decouple("predict", run.path, *words, "--out", out, "--device", "cpu")
    assert answer.code == 0, answer.err
    with out.open(newline="", encoding="utf-8", errors="surrogateescape") as file:
        return {unescape_formula(row["path"]): row for row in csv.DictReader(file)}


def _images(folder: Path) -> list[Path]:
    """Write the same picture in many modes, and others of unusual size."""
    folder.mkdir()
    rgb = Image.fromarray(np.random.default_rng(0).integers(0, 255, (20, 20, 3), dtype=np.uint8))
    rgb.convert("L").save(folder / "grey.png")
    rgb.convert("RGBA").save(folder / "alpha.png")
    rgb.convert("P").save(folder / "palette.gif")
    rgb.convert("CMYK").save(folder / "cmyk.jpg")
    rgb.convert("1").save(folder / "bits.png")
    Image.fromarray(np.arange(400, dtype=np.uint16).reshape(20, 20) * 160).save(folder / "deep.png")
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    rgb.save(folder / "turned.jpg", exif=exif)
    rgb.resize((1, 1)).save(folder / "one.png")
    Image.new("1", (12_000, 12_000)).save(folder / "huge.png")
    Image.new("RGB", (1, 4_000)).save(folder / "line.png")
    return sorted(folder.iterdir())


def test_images_of_every_mode_and_size(decouple: Run, colours: RunDir, tmp_path: Path) -> None:
    paths = _images(tmp_path / "modes")
    torn = tmp_path / "modes" / "torn.jpg"
    torn.write_bytes(paths[1].read_bytes()[:200])
    (tmp_path / "modes" / "empty.png").touch()
    rows = predicted(decouple, colours, tmp_path / "modes", out=tmp_path / "out.csv")
    assert set(rows) >= {str(path) for path in paths}
    assert str(tmp_path / "modes" / "empty.png") not in rows


AWKWARD = ["with space", 'quo"te', "=1+1", "-x", "@cmd", "日本", "<script>", "a" * 200, "a,b;c", "new\nline", "'"]


def test_names_of_every_kind(decouple: Run, colours: RunDir, new: Path, tmp_path: Path, monkeypatch: Any) -> None:
    source = next(new.rglob("*.png")).read_bytes()
    monkeypatch.chdir(tmp_path)
    paths = [f"{name}.png" for name in AWKWARD]
    for path in paths:
        (tmp_path / path).write_bytes(source)
    words = [path if path[0] != "-" else f"./{path}" for path in paths]  # which would be an option
    rows = predicted(decouple, colours, *words, out=tmp_path / "out.csv")
    assert set(rows) == set(words)
    assert len({(row["class"], row["probability"]) for row in rows.values()}) == 1
    text = (tmp_path / "out.csv").read_text(encoding="utf-8")
    assert not any(line.startswith(("=", "+", "-", "@", "\t")) for line in text.splitlines())


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse names that are not UTF-8")
def test_a_name_that_is_no_text_keeps_its_bytes(decouple: Run, colours: RunDir, new: Path, tmp_path: Path) -> None:
    (tmp_path / "odd").mkdir()
    path = str(tmp_path / "odd" / "m\udcfftte.png")
    Path(path).write_bytes(next(new.rglob("*.png")).read_bytes())
    rows = predicted(decouple, colours, tmp_path / "odd", "--sheet", tmp_path / "s.png", out=tmp_path / "out.csv")
    assert list(rows) == [path]
    assert b"m\xfftte.png" in (tmp_path / "out.csv").read_bytes()
    pytest.importorskip("pyarrow")
    assert decouple("predict", colours.path, tmp_path / "odd", "--out", tmp_path / "out.parquet").code == 0


def test_links_that_loop_are_followed_once(decouple: Run, colours: RunDir, new: Path, tmp_path: Path) -> None:
    (new / "loop").symlink_to(new, target_is_directory=True)
    (new / "gone.png").symlink_to(tmp_path / "nowhere.png")
    assert len(predicted(decouple, colours, new, out=tmp_path / "out.csv")) == 15


def test_8142_classes_batch_by_batch() -> None:
    classes, rng = 8142, np.random.default_rng(0)
    uniform = np.full(classes, 1 / classes)
    rule = SetRule(0.9, float(np.log(1e-4)), np.zeros(classes), 100, True)
    names = tuple(f"species {number}" for number in range(classes))
    decider = Decider(uniform, uniform, uniform, names, sets=rule)
    logits = rng.normal(size=(16, classes))
    log_probs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    decisions = decider.decide(log_probs)
    np.testing.assert_array_equal(decisions.classes, np.argsort(-log_probs, axis=1)[:, :5])
    table = prediction_columns([f"{row}.png" for row in range(16)], decisions, names)
    assert list(table) == column_names(classes, sets=True)
    assert table["set_size"] == (np.exp(log_probs) >= 1e-4).sum(axis=1).tolist()
    assert table["class_5"] == [names[label] for label in np.argsort(-log_probs, axis=1)[:, 4]]


def test_equal_probabilities_list_the_lower_class_first() -> None:
    uniform = np.full(100, 0.01)
    decisions = Decider(uniform, uniform, uniform, tuple(map(str, range(100)))).decide(np.log(uniform)[None])
    assert decisions.classes.tolist() == [[0, 1, 2, 3, 4]]
    assert decisions.margins.tolist() == [0.0]


def test_decoding_stays_a_few_batches_ahead() -> None:
    started: list[int] = []

    def read(number: int) -> np.ndarray:
        started.append(number)
        if number % 10 == 3:
            raise DataError(f"number {number}")
        return np.full((2, 2, 3), number, np.uint8)

    unreadable: list[int] = []
    batches = read_batches(range(200), read, 4, lambda image: unreadable.append(image.position))
    first = next(batches)
    assert first.positions == (0, 1, 2, 4)
    assert first.pixels[3].max() == 4
    assert len(started) <= 4 + 1 + 2 * 4 + 1  # those of the batch, the one left out, and two batches ahead
    positions = [position for batch in batches for position in batch.positions]
    assert sorted([*first.positions, *positions, *unreadable]) == list(range(200))
    assert unreadable == list(range(3, 200, 10))
