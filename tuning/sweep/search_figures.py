"""The results of a search as columns of a sweep's table: its range of accuracies, the best value, trials, minutes."""

from decouple.files.results import StudyEntry

SEARCH_PERCENT = ("lowest", "highest", "lowest_top1", "highest_top1")
SEARCH_METRICS = (*SEARCH_PERCENT, "best", "trials", "minutes")


def search_figures(study: StudyEntry) -> dict[str, tuple[float | None, ...]]:
    """Return the figures of a search under the keys of cells.json, ``tune/lowest`` and so on.

    `lowest` and `highest` are balanced accuracies of complete trials on the held-out images in percent, `lowest_top1`
    and `highest_top1` their top-1 accuracies, `best` is the
    value of the first hyper-parameter in the best trial.
    """
    balanced = [trial.balanced for trial in study.trials if trial.balanced is not None and trial.ended == "complete"]
    top1 = [trial.top1 for trial in study.trials if trial.top1 is not None]
    seconds = [trial.seconds for trial in study.trials if trial.seconds is not None]
    best = study.best.get(study.parameters[0].name) if study.parameters else None
    figures: dict[str, float | None] = {
        "lowest": min(balanced, default=None),
        "highest": max(balanced, default=None),
        "lowest_top1": min(top1, default=None),
        "highest_top1": max(top1, default=None),
        "best": float(best) if isinstance(best, int | float) else None,
        "trials": float(len(study.trials)),
        "minutes": sum(seconds) / 60 if seconds else None,
    }
    return {f"tune/{name}": (value, None, None) for name, value in figures.items()}
