"""Images in memory are predicted as their files are."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import decouple
from decouple.datasets.load import load_data
from decouple.datasets.settings import DataConfig
from decouple.errors import ConfigError, DataError
from decouple.python.images import image_sources
from decouple.python.run import Run


@pytest.fixture
def run(runs: Path) -> Run:
    return decouple.stage2(decouple.load("base", runs=runs), method="ncm", device="cpu")


@pytest.fixture(scope="module")
def pixels() -> np.ndarray:
    data = load_data(DataConfig(data="digits"))
    return data.pixels.read(data.splits["test"][:12])


def test_every_form_of_an_image_gives_the_same_prediction(run: Run, pixels: np.ndarray, tmp_path: Path) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    for number, image in enumerate(pixels):
        Image.fromarray(image).save(folder / f"{number:02}.png")
    from_arrays = run.predict(pixels, device="cpu").frame().drop(columns="path")
    for images in (
        folder,
        [Image.fromarray(image) for image in pixels],
        torch.from_numpy(pixels).permute(0, 3, 1, 2),
        pixels / 255,
    ):
        frame = run.predict(images, device="cpu").frame()
        assert frame.drop(columns="path").equals(from_arrays)
    one = run.predict(pixels[0], device="cpu")
    assert (len(one), one.classes) == (1, [from_arrays["class"][0]])


def test_predictions_agree_with_the_metrics_of_the_run(run: Run) -> None:
    data = load_data(DataConfig(data="digits", fraction=0.5))
    indices = data.splits["test"]
    predicted = run.predict(data.pixels.read(indices), method="ncm", device="cpu").classes
    names = [data.class_names[label] for label in data.labels[indices]]
    accuracy = np.mean([one == other for one, other in zip(predicted, names, strict=True)])
    assert 100 * accuracy == pytest.approx(run.results.stage2["last"]["ncm"].metrics["test"]["top1"])


def test_abstention_sets_and_short_form(run: Run, pixels: np.ndarray) -> None:
    predictions = run.predict(pixels, abstain=1.0, sets=0.8, device="cpu")
    assert predictions.classes == [None] * 12
    assert all(size >= 1 for size in predictions.frame()["set_size"])
    assert repr(predictions).startswith("Predictions(12 images: no class 0.")


def test_an_unreadable_file_is_named(run: Run, pixels: np.ndarray, tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"no image")
    (tmp_path / "notes.txt").write_text("no image")
    predictions = run.predict([tmp_path / "broken.png", pixels[0]], device="cpu")
    assert len(predictions) == 1
    assert "cannot read the image" in predictions.unreadable[str(tmp_path / "broken.png")]
    for read in (run.predict, run.embed):
        with pytest.raises(DataError, match=r"cannot read the image .*notes\.txt"):
            read(tmp_path / "notes.txt", device="cpu")
    with pytest.raises(DataError, match="cannot read the image"):
        run.embed(tmp_path / "broken.png", device="cpu")


def test_features_have_the_width_of_the_backbone(run: Run, pixels: np.ndarray) -> None:
    features = decouple.embed(run, pixels, device="cpu")
    assert features.shape == (12, 64)
    np.testing.assert_allclose(run.embed([pixels[3]], device="cpu")[0], features[3], rtol=1e-2, atol=1e-3)  # bfloat16


@pytest.mark.parametrize(("images", "message"), [([], "is empty"), (3, "got int"), ([3], "must be a PIL image")])
def test_what_is_no_image_is_named(images: object, message: str) -> None:
    with pytest.raises(DataError, match=message):
        image_sources(images)


def test_a_prior_may_be_a_mapping(run: Run, pixels: np.ndarray, tmp_path: Path) -> None:
    shares = {name: np.float32(label + 1) for label, name in enumerate(run.class_names)}
    (tmp_path / "p.csv").write_text("".join(f"{name},{share}\n" for name, share in shares.items()))
    by_mapping, by_file = (
        run.predict(pixels, prior=prior, device="cpu") for prior in (shares, str(tmp_path / "p.csv"))
    )
    assert by_mapping.columns == by_file.columns
    assert by_mapping.columns != run.predict(pixels, device="cpu").columns
    metrics = [decouple.evaluate(run, prior=prior).record.metrics for prior in (shares, str(tmp_path / "p.csv"))]
    assert metrics[0] == metrics[1]
    with pytest.raises(DataError, match="names 'x', which is no class"):
        decouple.export(run, prior={"x": 1.0})


def test_a_run_of_another_type_is_refused() -> None:
    with pytest.raises(ConfigError, match="run must be a folder, a name under runs, or a Run, got int"):
        decouple.load(5)  # type: ignore[arg-type]
