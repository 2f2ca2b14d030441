"""Time of `decouple fit` from a folder of images to its first table, against timm and scikit-learn in a plain script.

2,000 images (500 with --quick) of 10 classes, from the largest to the smallest 100 to 1, as JPEG files of 32 pixels or
those of --root; frozen features of tf_efficientnet_lite0 at 128 pixels. The script fits one classifier to them. Ours
fits ten, five times each, and has intervals. Both run in turn, each in a process of its own. The other rows are the
stages of ours, each alone.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from benchmarks.measure import from_pairs, seconds_of
from benchmarks.table import Row, parser_of, ratio_row, show
from decouple.class_counts import longtail_counts
from decouple.datasets.glyphs import load as load_glyphs
from decouple.datasets.settings import DataConfig
from decouple.fitting.fit_images import plan_fit
from decouple.fitting.image_check import check_images
from decouple.fitting.settings import FitConfig
from decouple.fitting.steps import ensure_stage1, ensure_stage2, stage1_settings
from stage1.extract import extract
from stage1.prepare import load_for, make_training

CLASSES, RATIO, PAIRS = 10, 100, 3
IMPORTS = "import decouple.commands.fit, stage1.backbones.timm_model"


def rows(quick: bool) -> list[Row]:
    """Measure both ways on written images, then the stages of ours."""
    return measure(quick, None)


def measure(quick: bool, root: Path | None) -> list[Row]:
    """Measure on the images of a folder; None: on written ones."""
    with tempfile.TemporaryDirectory() as folder:
        images = root or write_images(Path(folder, "images"), 500 if quick else 2000)
        plain = [sys.executable, "-m", "benchmarks.plain_fit", str(images)]
        pairs = [
            (seconds_of(partial(_run, plain)), _first_table(images, Path(folder, f"pair-{pair}")))
            for pair in range(1 if quick else PAIRS)
        ]
        first = ratio_row("time to the first table", from_pairs(pairs))
        return [first, *_stages(FitConfig(images=str(images), image_size=128, runs=f"{folder}/stages"))]


def write_images(folder: Path, total: int) -> Path:
    """Write long-tailed JPEG images of glyphs, a subfolder for each class; return the folder."""
    shares = longtail_counts("exp", CLASSES, 1000, RATIO)
    counts = np.maximum(1, np.rint(total * shares / shares.sum())).astype(int)
    source = load_glyphs(DataConfig(data="glyphs", classes=CLASSES))
    for label, count in enumerate(counts.tolist()):
        indices = np.flatnonzero(source.labels == label)
        (folder / f"class-{label}").mkdir(parents=True)
        for number in range(count):  # a glyph again where there are fewer drawings
            pixels = source.pixels.read(indices[[number % len(indices)]])[0]
            Image.fromarray(np.roll(pixels, number // len(indices), axis=0)).save(
                folder / f"class-{label}/{number}.jpg"
            )
    return folder


def _first_table(images: Path, runs: Path) -> float:
    """Return the seconds to the first table of `decouple fit` in a new process, its figures not counted."""
    command = [sys.executable, "-m", "decouple", "fit", str(images), "--image-size", "128", "--runs", str(runs)]
    return float(json.loads(_run([*command, "--train", "none", "--json"]))["first_table_seconds"])


def _stages(config: FitConfig) -> list[Row]:
    imports = seconds_of(partial(_run, [sys.executable, "-c", IMPORTS]))
    scan = seconds_of(partial(check_images, config))
    settings = stage1_settings(config, plan_fit(config)[1], "none", "stages")
    decode = seconds_of(partial(load_for, settings))  # later loads map its cache
    training = make_training(settings, load_for(settings))
    everything = np.arange(len(training.batches.data.labels))
    network = seconds_of(partial(extract, training.network, training.batches, everything))
    first = seconds_of(partial(ensure_stage1, settings))
    run = ensure_stage1(settings)
    second = seconds_of(partial(ensure_stage2, run, config))
    stages = {
        "imports": imports,
        "list the files": scan,
        "decode and cache": decode,
        "network, all images once": network,
        "stage one with its network and classifier": first,
        "all of stage two in folds": second,
    }
    return [{"what": name, "ours (s)": seconds, "threads": torch.get_num_threads()} for name, seconds in stages.items()]


def _run(command: list[str]) -> str:
    checkout = Path(__file__).parent.parent
    return subprocess.run(command, cwd=checkout, check=True, capture_output=True, text=True).stdout


def main() -> None:
    """Run as a command."""
    parser = parser_of(__doc__)
    parser.add_argument("--root", type=Path, help="measure on this folder of images instead")
    arguments: argparse.Namespace = parser.parse_args()
    show(measure(arguments.quick, arguments.root), (__doc__ or "").splitlines()[0], arguments.csv)


if __name__ == "__main__":
    main()
