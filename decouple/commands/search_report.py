"""What is printed after a search."""

from typing import Any

from decouple.report.tables import console, rows_table
from decouple.run_dir import RunDir


def show_search(run: RunDir, study: str) -> None:
    """Print the trials, the best values, what mattered, and where study and pictures are."""
    found, out = run.read_results()["tuning"][study], console()
    out.print(rows_table(found["trials"], found["best_trial"] - 1))
    lines = [best_in_words(found)]
    if found["importance"]:
        ranked = sorted(found["importance"].items(), key=lambda entry: -entry[1])
        shares = ", ".join(f"{name.replace('_', ' ')} {100 * share:.0f} %" for name, share in ranked)
        lines.append(f"importance (PED-ANOVA): {shares}")
    lines += [f"study: {found['storage']}", f"picture: {run.figure(f'tuning_{study}')}"]
    if len(found["parameters"]) > 1:
        lines[-1] += "; slices, contours and importance beside it"
    out.print("\n".join(lines), highlight=False, soft_wrap=True)


def best_in_words(found: dict[str, Any]) -> str:
    """Return the best values of a search, and by which accuracy they are the best."""
    best = [
        f"best {name.replace('_', ' ')}: {value if isinstance(value, str) else f'{value:.4g}'}"
        for name, value in found["best"].items()
    ]
    folds = "folds" in found["split"]
    measure = f"balanced accuracy in {found['split']}, pooled," if folds else "validation balanced accuracy"
    return f"{', '.join(best)} ({measure} {found['balanced']:.2f} %)"
