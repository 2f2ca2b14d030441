"""The searches of a sweep: a row for each, as CSV and Markdown."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypedDict

from decouple.evaluation.selection_metrics import describe_selection_metric
from decouple.files.results import HyperparameterValue, StudyEntry
from tuning.sweep.cells import SweepTask
from tuning.sweep.search_columns import known_range
from tuning.sweep.side_table import write_side_table
from tuning.sweep.tune_step import read_search


class TuningRow(TypedDict):
    """A search; accuracies in percent on the held-out images."""

    data: str
    stage1: str
    seed: int | None  # None: all seeds share the search
    metric: str  # that is maximized
    lowest: float | None
    highest: float | None
    lowest_top1: float | None
    highest_top1: float | None
    best: str  # value of each setting that is searched
    trials: int
    without_value: int  # of the trials: diverged
    minutes: float


def tuning_rows(tasks: Iterable[SweepTask]) -> list[TuningRow]:
    """Return a row for each complete search of a sweep, in the order of its tasks."""
    rows: dict[tuple[str, str, int | None], TuningRow] = {}
    for task in tasks:
        if task.tune is None or (entry := read_search(task.config, task.tune)) is None:
            continue
        for cell in task.cells:
            key = (cell.data, cell.stage1, cell.seed if task.tune.per_seed else None)
            rows.setdefault(key, _row(key, entry))
    return list(rows.values())


def write_tuning_table(folder: Path, title: str, rows: Sequence[TuningRow]) -> None:
    """Write tuning.csv and tuning.md, or delete those of an earlier call where there is no search."""
    note = "Percent on held-out training images; then the training is repeated with the best value on all of them."
    write_side_table(folder / "tuning", f"Searches of {title}", rows, tuning_lines(rows), note)


def tuning_lines(rows: Sequence[TuningRow]) -> list[dict[str, object]]:
    """Return the rows formatted for reading."""
    per_seed = any(row["seed"] is not None for row in rows)
    return [
        {
            "data": row["data"],
            "stage1": row["stage1"],
            **({"seed": "-" if row["seed"] is None else str(row["seed"])} if per_seed else {}),
            "metric": describe_selection_metric(row["metric"]),
            "lowest": _percent(row["lowest"]),
            "highest": _percent(row["highest"]),
            "lowest top1": _percent(row["lowest_top1"]),
            "highest top1": _percent(row["highest_top1"]),
            "best value": row["best"],
            "trials": str(row["trials"]),
            "minutes": f"{row['minutes']:.1f}",
        }
        for row in rows
    ]


def minutes_of(entry: StudyEntry) -> float:
    """Return the minutes that the trials have taken together."""
    return round(sum(trial.seconds or 0.0 for trial in entry.trials) / 60, 2)


def _row(key: tuple[str, str, int | None], entry: StudyEntry) -> TuningRow:
    lowest, highest = known_range(trial.objective for trial in entry.trials)
    lowest_top1, highest_top1 = known_range(trial.top1 for trial in entry.trials)
    single = len(entry.best) == 1
    return TuningRow(
        data=key[0],
        stage1=key[1],
        seed=key[2],
        metric=entry.selection_metric,
        lowest=lowest,
        highest=highest,
        lowest_top1=lowest_top1,
        highest_top1=highest_top1,
        best=", ".join(_text(value) if single else f"{name} {_text(value)}" for name, value in entry.best.items()),
        trials=len(entry.trials),
        without_value=sum(trial.objective is None for trial in entry.trials),
        minutes=minutes_of(entry),
    )


def _text(value: HyperparameterValue) -> str:
    return value if isinstance(value, str) else f"{value:.4g}"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
