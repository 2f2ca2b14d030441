"""The runs whose cached features a search is done on: one, or those of several seeds."""

from decouple.commands import stage2
from decouple.commands.search_report import best_in_words, show_search
from decouple.files.replicates import find_runs, first_of
from decouple.files.run_checks import require_finished
from decouple.files.run_dir import RunDir
from decouple.files.run_lookup import find_run
from decouple.report.tables import console
from tuning.settings import Stage2SearchConfig, TauConfig


def searched_runs(config: TauConfig | Stage2SearchConfig) -> list[RunDir]:
    """Return the run that `config` names, or of the runs of several seeds as many as it asks for.

    Raises:
        ConfigError: there are fewer.
        RunError: there is no such run, or one is not finished.
    """
    found = [find_run(None, config.runs)] if config.run is None else find_runs(config.run, config.runs)
    chosen = first_of(found, config.seeds) if len(found) > 1 else found
    return [require_finished(run) for run in chosen]


def show_searches(found: list[RunDir], study: str, checkpoint: str, method: str) -> None:
    """Print what a search found and its classifier's test figures; of several runs the best of each, and the spread."""
    if len(found) == 1:
        show_search(found[0], study)
        stage2.show(found[0], checkpoint, [method])
        return
    for run in found:
        best = best_in_words(run.read_results().tuning[study])
        console().print(f"{run.name}: {best}", highlight=False, soft_wrap=True)
    stage2.show_seeds(found, {method: [run.read_stage2(checkpoint)[method].metrics["test"] for run in found]})
