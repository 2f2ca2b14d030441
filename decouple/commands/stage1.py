"""`decouple stage1`: train, or go on training, and say how good it is."""

from decouple.config.command_line import Parsed
from decouple.errors import ConfigError
from decouple.files.run_dir import RunDir
from decouple.report.run_figures import draw_stage1
from decouple.report.seed_table import seed_rows
from decouple.report.tables import console, results_table, rows_table
from stage1.run import resume_run, start_run
from stage1.seeds import train_seeds
from stage1.settings import Stage1Config


def run(parsed: Parsed[Stage1Config]) -> None:
    """Do it."""
    settings = parsed.settings
    if settings.seeds > 1:
        _run_seeds(settings)
        return
    finished = resume_run(settings, parsed.explicit) if settings.resume else start_run(settings)
    draw_stage1(finished)
    show(finished)


def _run_seeds(settings: Stage1Config) -> None:
    if settings.resume:
        raise ConfigError("--resume goes on with one run; several go on when --seeds is given again with --name")
    finished = train_seeds(settings)
    for run in finished:
        if not run.figure("training").exists():  # one that was finished before has its figures
            draw_stage1(run)
    show_seeds(finished)


def show_seeds(finished: list[RunDir]) -> None:
    """Print mean and standard deviation of the test figures over the runs of several seeds, and where they are."""
    entries = [run.read_results().stage1 for run in finished]
    rows = {
        checkpoint: [entry[checkpoint].metrics["test"] for entry in entries if checkpoint in entry]
        for checkpoint in ("last", "best")
    }
    out, names = console(), ", ".join(run.name for run in finished)
    out.print(f"stage one on the test split, %, mean ± standard deviation over {len(finished)} seeds", highlight=False)
    out.print(rows_table(seed_rows({checkpoint: found for checkpoint, found in rows.items() if found}), best=None))
    out.print(f"runs in {finished[0].path.parent}: {names}", highlight=False, soft_wrap=True)


def show(finished: RunDir) -> None:
    """Print the test figures of both sets of weights, and where everything is."""
    stage1, data = finished.read_results().stage1, finished.read_data()
    rows = {f"{checkpoint}, epoch {entry.epoch}": entry.metrics["test"] for checkpoint, entry in stage1.items()}
    rows |= {
        f"{checkpoint}, long-tailed": entry.metrics["test_longtailed"]
        for checkpoint, entry in stage1.items()
        if "test_longtailed" in entry.metrics
    }
    images = ", ".join(f"{name} {count:,}" for name, count in data.images.items())
    out = console()
    title = f"stage one on the test split, % ({len(data.class_names)} classes; {images})"
    out.print(results_table(rows, title=title))
    if data.bad_images:
        out.print(f"images that could not be read and were left out: {data.bad_images}", highlight=False)
    out.print(f"run: {finished.path}\nfigures: {finished.path / 'figures'}", highlight=False, soft_wrap=True)
