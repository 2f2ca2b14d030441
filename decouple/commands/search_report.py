"""What is printed after a search."""

from typing import Any

from decouple.files.run_dir import RunDir
from decouple.report.tables import console, rows_table

_OUTCOME = ("balanced", "tail", "seconds", "ended")  # the last columns of the table


def show_search(run: RunDir, study: str) -> None:
    """Print the trials, the best values, what mattered, and where study and pictures are."""
    found, out = run.read_results()["tuning"][study], console()
    out.print(rows_table(_in_order(found["trials"]), found["best_trial"] - 1))
    lines = [best_in_words(found)]
    if found["importance"]:
        ranked = sorted(found["importance"].items(), key=lambda entry: -entry[1])
        shares = ", ".join(f"{name.replace('_', ' ')} {100 * share:.0f} %" for name, share in ranked)
        lines.append(f"importance (PED-ANOVA): {shares}")
    lines += [f"study: {found['storage']}", f"picture: {run.figure(f'tuning_{study}')}"]
    if len(found["parameters"]) > 1:
        lines[-1] += "; slices, contours and importance beside it"
    out.print("\n".join(lines), highlight=False, soft_wrap=True)


def _in_order(trials: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the trials with what all of them solved before their outcome, whichever trial solved it first."""
    names = dict.fromkeys(name for trial in trials for name in trial)
    ordered = [name for name in names if name not in _OUTCOME] + [name for name in _OUTCOME if name in names]
    return [{name: trial.get(name) for name in ordered} for trial in trials]


def best_in_words(found: dict[str, Any]) -> str:
    """Return the best values of a search, and by which accuracy they are the best."""
    best = [
        f"best {name.replace('_', ' ')}: {value if isinstance(value, str) else f'{value:.4g}'}"
        for name, value in found["best"].items()
    ]
    folds = "folds" in found["split"]
    measure = f"balanced accuracy in {found['split']}, pooled," if folds else "validation balanced accuracy"
    return f"{', '.join(best)} ({measure} {found['balanced']:.2f} %)"
