"""Every figure of a search, drawn from the results in the run folder."""

from decouple.files.results import StudyEntry
from decouple.files.run_dir import RunDir
from decouple.report.tuning_history import TrialParameter, draw_tuning_history, draw_tuning_slices
from decouple.report.tuning_surface import draw_contours, draw_importance

MAX_CONTOUR_PARAMETERS = 3  # parameters, the most important ones


def draw_search(run: RunDir, study: str) -> list[str]:
    """Draw the trials of a search: history and slices, and, of several parameters, importance and contours.

    Returns:
        The names of the figures.
    """
    entry = run.read_results().tuning[study]
    columns, objectives = _columns(entry), [trial.balanced for trial in entry.trials]
    pruned, best = [trial.ended == "pruned" for trial in entry.trials], entry.best_trial - 1
    name = f"tuning_{study}"
    if len(columns) == 1:
        draw_tuning_history(run.figure(name), columns, objectives, best=best, pruned=pruned)
        return [name]
    values = [trial.values.get("method") for trial in entry.trials]
    methods = [None if value is None else str(value) for value in values] if any(values) else []
    draw_tuning_history(run.figure(name), [], objectives, best=best, pruned=pruned, methods=methods)
    draw_tuning_slices(run.figure(f"{name}_slices"), columns, objectives, best=best, pruned=pruned)
    importance = entry.importance or {}
    foremost = sorted(columns, key=lambda column: -importance.get(column.name, 0.0))[:MAX_CONTOUR_PARAMETERS]
    complete = [None if early else value for value, early in zip(objectives, pruned, strict=True)]
    draw_contours(run.figure(f"{name}_contours"), foremost, complete, best)
    names = [name, f"{name}_slices", f"{name}_contours"]
    if importance:
        draw_importance(run.figure(f"{name}_importance"), importance)
        names.append(f"{name}_importance")
    return names


def _columns(entry: StudyEntry) -> list[TrialParameter]:
    return [
        TrialParameter(
            parameter.name,
            [trial.values[parameter.name] for trial in entry.trials],
            parameter.log,
            parameter.values,
        )
        for parameter in entry.parameters
    ]
