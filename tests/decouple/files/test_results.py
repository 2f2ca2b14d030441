from collections.abc import Callable
from pathlib import Path

from decouple.files.results import Results, SeedEntry, record_seed_metrics
from decouple.files.run_dir import RunDir

MakeRun = Callable[..., RunDir]


def test_results_of_others_stay(tmp_path: Path, make_run: MakeRun) -> None:
    run = make_run(tmp_path)
    assert run.read_results() == Results()
    one, two = (SeedEntry(seed=seed, top1=50.0, balanced=40.0, groups={}) for seed in (1, 2))
    record_seed_metrics(run.results, "last", "tau", [one])
    record_seed_metrics(run.results, "last", "crt", [one])
    record_seed_metrics(run.results, "best", "tau", [one])
    record_seed_metrics(run.results, "last", "tau", [one, two])
    assert run.read_results() == Results(
        stage2_seeds={"last": {"tau": (one, two), "crt": (one,)}, "best": {"tau": (one,)}}
    )
