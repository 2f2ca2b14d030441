"""The test metrics of stage one, of a run or over the runs of several seeds."""

from collections.abc import Sequence

from decouple.files.run_dir import RunDir
from decouple.reporting.seed_table import seed_rows
from decouple.reporting.tables import results_table, rows_table
from decouple.reporting.terminal import Block


def stage1_summary(run: RunDir) -> list[Block]:
    """Return the test metrics of both sets of weights, and the paths of the run and its figures."""
    stage1, data = run.read_results().stage1, run.read_data()
    rows = {f"{checkpoint}, epoch {entry.epoch}": entry.metrics["test"] for checkpoint, entry in stage1.items()}
    rows |= {
        f"{checkpoint}, long-tailed": entry.metrics["test_longtailed"]
        for checkpoint, entry in stage1.items()
        if "test_longtailed" in entry.metrics
    }
    images = ", ".join(f"{name} {count:,}" for name, count in data.images.items())
    stored = "" if data.storage is None else f"; {data.storage}"
    title = f"stage one on the test split, % ({len(data.class_names)} classes; {images}{stored})"
    bad_images = [f"images that could not be read and were left out: {data.bad_images}"] if data.bad_images else []
    return [results_table(rows, title=title), *bad_images, f"run: {run.path}\nfigures: {run.path / 'figures'}"]


def stage1_seeds_summary(runs: Sequence[RunDir]) -> list[Block]:
    """Return mean and standard deviation of the test metrics over the runs of several seeds, and their names."""
    entries = [run.read_results().stage1 for run in runs]
    rows = {
        checkpoint: [entry[checkpoint].metrics["test"] for entry in entries if checkpoint in entry]
        for checkpoint in ("last", "best")
    }
    table = rows_table(seed_rows({checkpoint: metrics for checkpoint, metrics in rows.items() if metrics}), best=None)
    return [
        f"stage one on the test split, %, mean ± standard deviation over {len(runs)} seeds",
        table,
        f"runs in {runs[0].path.parent}: {', '.join(run.name for run in runs)}",
    ]
