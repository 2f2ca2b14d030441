"""The results of a search as columns of a sweep's table: its range of accuracies, the best value, trials, minutes."""

from collections.abc import Iterable

from decouple.files.results import StudyEntry

SEARCH_PERCENT = ("lowest", "highest", "lowest_top1", "highest_top1")
SEARCH_METRICS = (*SEARCH_PERCENT, "best", "trials", "minutes")


def search_columns(study: StudyEntry) -> dict[str, tuple[float | None, ...]]:
    """Return the figures of a search under the keys of cells.json, ``tune/lowest`` and so on.

    `lowest` and `highest` are balanced accuracies of complete trials on the held-out images in percent, `lowest_top1`
    and `highest_top1` their top-1 accuracies, `best` is the value of the first hyper-parameter in the best trial.
    """
    lowest, highest = known_range(trial.balanced for trial in study.trials if trial.ended == "complete")
    lowest_top1, highest_top1 = known_range(trial.top1 for trial in study.trials)
    seconds = [trial.seconds for trial in study.trials if trial.seconds is not None]
    best = study.best.get(study.parameters[0].name) if study.parameters else None
    figures: dict[str, float | None] = {
        "lowest": lowest,
        "highest": highest,
        "lowest_top1": lowest_top1,
        "highest_top1": highest_top1,
        "best": float(best) if isinstance(best, int | float) else None,
        "trials": float(len(study.trials)),
        "minutes": sum(seconds) / 60 if seconds else None,
    }
    return {f"tune/{name}": (value, None, None) for name, value in figures.items()}


def known_range(values: Iterable[float | None]) -> tuple[float | None, float | None]:
    """Return the smallest and the largest value that is not None, or None twice.

    Example:
        >>> known_range([3.0, None, 1.0]), known_range([None])
        ((1.0, 3.0), (None, None))
    """
    known = [value for value in values if value is not None]
    return min(known, default=None), max(known, default=None)
