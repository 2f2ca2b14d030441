"""bfloat16 against float32: accuracies of stage one and of crt after it, over seeds.

Both train the same network on the same images and differ in `--precision` alone: ResNet-20 on scikit-learn's digits at
ratio 50, and ResNet-32 on drawn characters of 32 x 32 pixels with a fifth of the counts of CIFAR-10-LT at ratio 100.
The test splits are balanced; accuracies are in percent, differences are bf16 - fp32 seed by seed. Where the hardware
has no bfloat16 it is emulated: the numbers are rounded in the same way, but the seconds mean nothing. The last row of
each data set evaluates the first network of fp32 in both: the error of its features on the test split as a share of
their norm, and how many predictions of its classifier stay the same.
"""

import dataclasses
import statistics
import tempfile
from dataclasses import dataclass
from typing import Any

import pandas as pd

from benchmarks.cifar_size import COUNTS, QUICK, cifar_config
from benchmarks.extraction import agreement
from benchmarks.learning import require_learning
from benchmarks.over_seeds import difference_columns, spread_columns
from benchmarks.table import Row, run_alone
from decouple.datasets.data import TEST
from decouple.files.features import Features
from decouple.files.run_dir import RunDir
from stage1.checkpoint import load_weights
from stage1.extract import extract
from stage1.run import open_training, start_run
from stage1.settings import Stage1Config
from stage2.run_methods import run_stage2
from stage2.settings import Stage2Config

CLASSES = 10  # of both
REFERENCE, OURS = "fp32", "bf16"


@dataclass(frozen=True)
class Case:
    """The data and network of a comparison."""

    name: str
    config: Stage1Config
    seeds: int


DIGITS = Stage1Config(data="digits", epochs=30)
CASES = (
    Case("digits", DIGITS, 6),
    Case("characters", cifar_config(ratio=100, max_count=round(QUICK * COUNTS[0]), epochs=12), 6),
)
QUICK_CASES = (Case("digits", dataclasses.replace(DIGITS, epochs=8), 2),)


def rows(quick: bool) -> list[Row]:
    """Train stage one and crt in both precisions: over 6 seeds; with `quick` only the digits, over 2."""
    return [row for case in (QUICK_CASES if quick else CASES) for row in _rows(case)]


def _rows(case: Case) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        pairs = [
            tuple(_trained(_config(case, folder, precision, seed)) for precision in (REFERENCE, OURS))
            for seed in range(case.seeds)
        ]
        table = [{"what": f"{what}, {case.name}", **_row(what, pairs)} for what in ("stage one", "crt")]
        require_learning(table[0][REFERENCE], table[0][OURS], 100 / CLASSES)
        seconds = {
            f"{name} (s)": statistics.mean(_seconds(pair[index]) for pair in pairs)
            for index, name in enumerate((REFERENCE, OURS))
        }
        return [*table, {**_both_ways(pairs[0][0]), **seconds}]


def _config(case: Case, folder: str, precision: str, seed: int) -> Stage1Config:
    settings: dict[str, Any] = {"runs": folder, "name": f"{precision}-{seed}", "precision": precision, "seed": seed}
    return dataclasses.replace(case.config, device="cpu", **settings)


def _trained(config: Stage1Config) -> RunDir:
    """Train stage one, and crt with the same seed."""
    run = start_run(config)
    run_stage2(run, Stage2Config(method="crt", seed=config.seed, device="cpu"))
    return run


def _row(what: str, pairs: list[tuple[RunDir, ...]]) -> Row:
    """Return the columns of a classifier."""
    theirs, ours = ([_balanced(pair[index], what) for pair in pairs] for index in (0, 1))
    columns = {**spread_columns(REFERENCE, theirs), **spread_columns(OURS, ours)}
    return columns | difference_columns(f"{OURS} - {REFERENCE}", ours, theirs)


def _balanced(run: RunDir, what: str) -> float:
    results = run.read_results()
    entry = results.stage1["last"] if what == "stage one" else results.stage2["last"][what]
    return entry.metrics[TEST]["balanced"]


def _seconds(run: RunDir) -> float:
    return float(pd.read_csv(run.history)["seconds"].sum())


def _both_ways(run: RunDir) -> Row:
    """Evaluate one network in both precisions."""
    training = open_training(run, device="cpu")
    load_weights(run.weights("last"), training.network)
    features: list[Features] = []
    for bf16 in (False, True):
        training.network.bf16 = bf16
        features.append(extract(training.network, training.batches, training.batches.data.splits[TEST]))
    theirs, ours = (split.features for split in features)
    return {
        "what": f"a network of {REFERENCE}, evaluated in both",
        "relative error": float((ours - theirs).norm() / theirs.norm()),
        "equal predictions %": agreement(training.network, theirs, ours),
    }


if __name__ == "__main__":
    run_alone(__doc__, rows)
