"""`decouple predict` on photographs, against a plain loop: PIL one image after the other, batches of 32, no overlap.

Both read the same JPEG files and run the same network with the same weights, on all cores. The plain loop decodes at
full size, scales with PIL, normalises with torch and calls the network as it was trained. Memory is the peak of a
process while it predicts, without the network, for few files and for all of them.
"""

import contextlib
import io
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from benchmarks.image_cache import write_images
from benchmarks.measure import compare, peak_memory
from benchmarks.table import Row, ratio_row, run_alone
from decouple.config.predict_settings import PredictConfig
from decouple.deploy.predict_files import predict_files
from decouple.deploy.predictor import load_predictor
from decouple.files.run_dir import RunDir
from stage1.run import start_run
from stage1.settings import Stage1Config

MODEL, SIDE = "tf_efficientnet_lite0", 128
WIDTH, HEIGHT = 640, 480
FILES, QUICK_FILES, FEW_FILES = 2_000, 200, 200
PLAIN_BATCH = 32
PAIRS, QUICK_PAIRS = 3, 1


def rows(quick: bool) -> list[Row]:
    """Measure seconds and memory, with a tenth of the files if `quick`."""
    count = QUICK_FILES if quick else FILES
    with tempfile.TemporaryDirectory() as name, contextlib.redirect_stdout(io.StringIO()):
        folder = Path(name)
        run = _make_run(folder)
        write_images(folder / "new", ".jpg", WIDTH, HEIGHT, count)
        paths = sorted(str(path) for path in (folder / "new").rglob("*.jpg"))
        plain = plain_classes(run, paths)
        agreement = 100 * float(np.mean(np.equal(plain, _predict(run, folder, paths))))
        comparison = compare(
            partial(plain_classes, run, paths),
            partial(_predict, run, folder, paths),
            pairs=QUICK_PAIRS if quick else PAIRS,
            warm_up=False,
        )
        memory = {
            f"MB of {number:,}": peak_memory(_prepare, _run_prepared, run.path, paths[:number])[0]
            for number in sorted({min(FEW_FILES, count), count})
        }
    what = f"{count:,} JPEG of {WIDTH} x {HEIGHT}, {MODEL} at {SIDE}"
    speed = {"images/s": count / comparison.ours, "same class (%)": agreement}
    return [ratio_row(what, comparison, **speed, **memory)]


def _make_run(folder: Path) -> RunDir:
    """Return a run whose network saw 40 images once: what it costs does not depend on what it has learnt."""
    write_images(folder / "train", ".jpg", WIDTH, HEIGHT, 40)
    settings = Stage1Config(
        data="folder",
        root=str(folder / "train"),
        image_size=SIDE,
        model=MODEL,
        epochs=1,
        batch_size=20,
        runs=str(folder / "runs"),
        name="photographs",
    )
    return start_run(settings)


@torch.no_grad()
def plain_classes(run: RunDir, paths: Sequence[str]) -> list[int]:
    """Return the predicted classes of the plain loop."""
    predictor = load_predictor(run, method="none")
    mean, std = (torch.tensor(values)[:, None, None] for values in (predictor.record.mean, predictor.record.std))
    classes: list[int] = []
    for start in range(0, len(paths), PLAIN_BATCH):
        images = torch.stack([(_plain_image(path) - mean) / std for path in paths[start : start + PLAIN_BATCH]])
        logits, _ = predictor.network(images.to(predictor.device))
        classes += logits.softmax(dim=1).argmax(dim=1).tolist()
    return classes


def _plain_image(path: str) -> Tensor:
    with Image.open(path) as file:
        image = file.convert("RGB")
    edge = (image.width - image.height) // 2
    square = image.resize((SIDE, SIDE), Image.Resampling.BILINEAR, box=(edge, 0, edge + image.height, image.height))
    return torch.from_numpy(np.array(square)).permute(2, 0, 1).float() / 255


def _predict(run: RunDir, folder: Path, paths: Sequence[str]) -> list[int]:
    out = folder / "predictions.csv"
    predict_files(run, paths, PredictConfig(method="none", out=str(out)))
    names = run.read_data().class_names
    return [names.index(line.split(",")[1]) for line in out.read_text(encoding="utf-8").splitlines()[1:]]


def _prepare(path: Path, paths: Sequence[str]) -> tuple[RunDir, Sequence[str]]:
    run = RunDir(path)
    _predict(run, path.parent, paths[:PLAIN_BATCH])  # loads torch, the network and the classifier
    return run, paths


def _run_prepared(prepared: tuple[RunDir, Sequence[str]]) -> None:
    run, paths = prepared
    _predict(run, run.path.parent, paths)


if __name__ == "__main__":
    run_alone(__doc__, rows)
