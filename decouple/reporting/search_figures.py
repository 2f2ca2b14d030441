"""Every figure of a search, drawn from the results in the run folder."""

from matplotlib.figure import Figure

from decouple.files.results import StudyEntry
from decouple.files.run_dir import RunDir
from decouple.reporting.figure_files import save_run_figure
from decouple.reporting.style import subtitle_of
from decouple.reporting.tuning_history import TrialParameter, draw_tuning_history, draw_tuning_slices
from decouple.reporting.tuning_surface import draw_contours, draw_importance

MAX_CONTOUR_PARAMETERS = 3  # parameters, the most important ones


def draw_search(run: RunDir, study: str) -> list[str]:
    """Draw the trials of a search: history and slices, and, of several parameters, importance and contours.

    Returns:
        The names of the figures.
    """
    figures = search_figures(run, study)
    for name, figure in figures.items():
        save_run_figure(figure, run.figure(name))
    return list(figures)


def search_figures(run: RunDir, study: str) -> dict[str, Figure]:
    """Return the figures of a search by the names of their files, as `draw_search` saves them."""
    entry = run.read_results().tuning[study]
    columns, objectives = _columns(entry), [trial.objective for trial in entry.trials]
    pruned, best = [trial.ended == "pruned" for trial in entry.trials], entry.best_trial - 1
    name = f"tuning_{study}"
    labels = {"selection_metric": entry.selection_metric, "subtitle": subtitle_of(run.name, method=f"search {study}")}
    if len(columns) == 1:
        return {name: draw_tuning_history(columns, objectives, best=best, pruned=pruned, **labels)}
    values = [trial.values.get("method") for trial in entry.trials]
    methods = [None if value is None else str(value) for value in values] if any(values) else []
    importance = entry.importance or {}
    foremost = sorted(columns, key=lambda column: -importance.get(column.name, 0.0))[:MAX_CONTOUR_PARAMETERS]
    complete = [None if early else value for value, early in zip(objectives, pruned, strict=True)]
    figures = {
        name: draw_tuning_history([], objectives, best=best, pruned=pruned, methods=methods, **labels),
        f"{name}_slices": draw_tuning_slices(columns, objectives, best=best, pruned=pruned, **labels),
        f"{name}_contours": draw_contours(foremost, complete, best, **labels),
    }
    if importance:
        figures[f"{name}_importance"] = draw_importance(importance, subtitle=labels["subtitle"])
    return figures


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
