"""What is printed after a search."""

from decouple.report.tables import console, rows_table
from decouple.run_dir import RunDir


def show_search(run: RunDir, study: str) -> None:
    """Print the trials, the best value, and where the picture is."""
    found, out = run.read_results()["tuning"][study], console()
    parameter, trials = found["parameter"], found["trials"]
    best = next(place for place, trial in enumerate(trials) if trial[parameter] == found["best"])
    out.print(rows_table(trials, best))
    out.print(
        f"best {parameter.replace('_', ' ')}: {found['best']:.4g} "
        f"(validation balanced accuracy {found['balanced']:.2f} %)\n"
        f"study: {run.study(study)}\npicture: {run.figure(f'tuning_{study}')}",
        highlight=False,
        soft_wrap=True,
    )
