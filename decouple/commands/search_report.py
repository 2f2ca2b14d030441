"""What is printed after a search."""

from collections.abc import Sequence

from decouple.files.results import StudyEntry, TrialEntry
from decouple.files.run_dir import RunDir
from decouple.report.tables import console, rows_table


def show_search(run: RunDir, study: str) -> None:
    """Print the trials, the best values, what mattered, and where study and pictures are."""
    entry, out = run.read_results().tuning[study], console()
    out.print(rows_table(_rows(entry.trials), entry.best_trial - 1))
    lines = [best_in_words(entry)]
    if entry.importance:
        ranked = sorted(entry.importance.items(), key=lambda item: -item[1])
        shares = ", ".join(f"{name.replace('_', ' ')} {100 * share:.0f} %" for name, share in ranked)
        lines.append(f"importance (PED-ANOVA): {shares}")
    lines += [f"study: {entry.storage}", f"picture: {run.figure(f'tuning_{study}')}"]
    if len(entry.parameters) > 1:
        lines[-1] += "; slices, contours and importance beside it"
    out.print("\n".join(lines), highlight=False, soft_wrap=True)


def _rows(trials: Sequence[TrialEntry]) -> list[dict[str, object]]:
    """Return a row for each trial: the values that any of them has, then its outcome."""
    names = dict.fromkeys(name for trial in trials for name in trial.values)
    complete = all(trial.ended == "complete" for trial in trials)
    return [
        {
            "trial": trial.trial,
            **{name: trial.values.get(name) for name in names},
            "balanced": trial.balanced,
            "tail": trial.tail,
            "seconds": trial.seconds,
            **({} if complete else {"ended": trial.ended}),
        }
        for trial in trials
    ]


def best_in_words(entry: StudyEntry) -> str:
    """Return the best values of a search, and by which accuracy they are the best."""
    best = [
        f"best {name.replace('_', ' ')}: {value if isinstance(value, str) else f'{value:.4g}'}"
        for name, value in entry.best.items()
    ]
    folds = "folds" in entry.split
    measure = f"balanced accuracy in {entry.split}, pooled," if folds else "validation balanced accuracy"
    return f"{', '.join(best)} ({measure} {entry.balanced:.2f} %)"
