"""`decouple stage1`: train, or go on training, and say how good it is."""

from decouple.config import Parsed
from decouple.report.run_figures import draw_stage1
from decouple.report.tables import console, results_table
from decouple.run_dir import RunDir, read_json
from stage1.run import resume_run, start_run
from stage1.settings import Stage1Config


def run(parsed: Parsed[Stage1Config]) -> None:
    """Do it."""
    settings = parsed.settings
    finished = resume_run(settings, parsed.given) if settings.resume else start_run(settings)
    draw_stage1(finished)
    show(finished)


def show(finished: RunDir) -> None:
    """Print the test figures of both sets of weights, and where everything is."""
    stage1, data = finished.read_results()["stage1"], read_json(finished.data)
    rows = {f"{which}, epoch {entry['epoch']}": entry["test"] for which, entry in stage1.items()}
    rows |= {
        f"{which}, long-tailed": entry["test_longtailed"]
        for which, entry in stage1.items()
        if "test_longtailed" in entry
    }
    images = ", ".join(f"{name} {count:,}" for name, count in data["images"].items())
    out = console()
    title = f"stage one on the test split, % ({len(data['class_names'])} classes; {images})"
    out.print(results_table(rows, title=title))
    if data["bad_images"]:
        out.print(f"images that could not be read and were left out: {data['bad_images']}", highlight=False)
    out.print(f"run: {finished.path}\nfigures: {finished.path / 'figures'}", highlight=False, soft_wrap=True)
