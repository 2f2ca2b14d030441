"""The trials of a search and its best values."""

from collections.abc import Sequence

from decouple.evaluation.selection_metrics import describe_selection_metric
from decouple.files.results import StudyEntry
from decouple.files.run_dir import RunDir
from decouple.reporting.stage2_summary import stage2_seeds_summary, stage2_summary
from decouple.reporting.tables import rows_table
from decouple.reporting.terminal import Block


def search_summary(run: RunDir, study: str) -> list[Block]:
    """Return the trials, the best values, the importance of the parameters, and the paths of study and figures."""
    entry = run.read_results().tuning[study]
    lines = [best_values_line(entry)]
    if entry.importance:
        ranked = sorted(entry.importance.items(), key=lambda item: -item[1])
        shares = ", ".join(f"{name.replace('_', ' ')} {100 * share:.0f} %" for name, share in ranked)
        lines.append(f"importance (PED-ANOVA): {shares}")
    more = "; slices, contours and importance beside it" if len(entry.parameters) > 1 else ""
    lines += [f"study: {entry.storage}", f"picture: {run.figure(f'tuning_{study}')}{more}"]
    return [rows_table(_rows(entry), entry.best_trial - 1), "\n".join(lines)]


def stage2_search_summary(runs: Sequence[RunDir], study: str, checkpoint: str, method: str) -> list[Block]:
    """Return the search on a run and the test metrics of its classifier; of several runs the best values of each.

    For several runs, mean and standard deviation of the test metrics follow.
    """
    if len(runs) == 1:
        return [*search_summary(runs[0], study), *stage2_summary(runs[0], checkpoint, [method])]
    results = [run.read_results() for run in runs]
    best = [f"{run.name}: {best_values_line(result.tuning[study])}" for run, result in zip(runs, results, strict=True)]
    rows = {method: [result.stage2[checkpoint][method].metrics["test"] for result in results]}
    return [*best, *stage2_seeds_summary(runs, rows)]


def best_values_line(entry: StudyEntry) -> str:
    """Return a line with the best values of a search and the accuracy that they reached."""
    best = [
        f"best {name.replace('_', ' ')}: {value if isinstance(value, str) else f'{value:.4g}'}"
        for name, value in entry.best.items()
    ]
    folds = "folds" in entry.split
    name = describe_selection_metric(entry.selection_metric)
    metric = f"{name} in {entry.split}, pooled," if folds else f"validation {name}"
    return f"{', '.join(best)} ({metric} {entry.objective:.2f} %)"


def _rows(entry: StudyEntry) -> list[dict[str, object]]:
    """Return a row for each trial: the values that any of them has, then its outcome."""
    trials, metric = entry.trials, entry.selection_metric
    names = dict.fromkeys(name for trial in trials for name in trial.values)
    complete = all(trial.ended == "complete" for trial in trials)
    return [
        {
            "trial": trial.trial,
            **{name: trial.values.get(name) for name in names},
            **({} if metric == "balanced" else {metric: trial.score}),
            "balanced": trial.balanced,
            "tail": trial.tail,
            "seconds": trial.seconds,
            **({} if complete else {"ended": trial.ended}),
        }
        for trial in trials
    ]
