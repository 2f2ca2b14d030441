"""Image files from the cache, against decoding them.

Both are complete calls of `load_data`, with the search for files, splits and fingerprint. The first load with a cache
decodes and writes; later ones, which are measured, check the state of each file and map the pixels.
"""

import tempfile
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.measure import compare, seconds_of
from benchmarks.table import Row, ratio_row, run_alone
from decouple.datasets.load import load_data
from decouple.datasets.settings import DataConfig

SETS = [  # file ending, width, height, side that is read, files
    (".png", 32, 32, 32, 20_000),
    (".jpg", 500, 375, 64, 2_000),
]
CLASSES = 10
PAIRS, QUICK_PAIRS = 5, 2
QUICK = 10  # divisor of the number of files


def rows(quick: bool) -> list[Row]:
    """Measure on small and on larger files, a tenth of them with `quick`."""
    return [
        _row(ending, width, height, side, count // QUICK if quick else count, QUICK_PAIRS if quick else PAIRS)
        for ending, width, height, side, count in SETS
    ]


def _row(ending: str, width: int, height: int, side: int, number: int, pairs: int) -> Row:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_images(folder / "images", ending, width, height, number)
        config = DataConfig(data="folder", root=str(folder / "images"), image_size=side)
        cached = partial(load_data, config, cache_folder=folder / "runs" / ".cache")
        first = seconds_of(cached)
        comparison = compare(partial(load_data, config), cached, pairs=pairs)
        if cached().fingerprint != load_data(config).fingerprint:
            raise RuntimeError("the cached images are not those of the files")
    what = f"{number:,} {ending} of {width} x {height}, read at {side} x {side}"
    return ratio_row(what, comparison, **{"first load with a cache (s)": first})


def write_images(folder: Path, ending: str, width: int, height: int, number: int) -> None:
    """Write images of smooth random colours, with class sizes that differ by at most 1."""
    rng = np.random.default_rng(0)
    for label in range(CLASSES):
        (folder / f"class_{label}").mkdir(parents=True)
    for index in range(number):
        coarse = Image.fromarray(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8))
        coarse.resize((width, height), Image.Resampling.BICUBIC).save(
            folder / f"class_{index % CLASSES}" / f"{index:06}{ending}"
        )


if __name__ == "__main__":
    run_alone(__doc__, rows)
