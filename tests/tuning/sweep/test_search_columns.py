"""The results of a search as columns of the table."""

import pytest

from decouple.files.results import ParameterEntry, StudyEntry, TrialEntry
from tuning.sweep.search_columns import search_columns
from tuning.sweep.table_columns import TableColumn, default_columns


def test_range_best_value_trials_and_minutes() -> None:
    trials = tuple(
        TrialEntry(
            trial=number, values={"weight_decay": decay}, balanced=balanced, tail=1.0, top1=top1, seconds=30.0,
            ended=ended,
        )
        for number, decay, balanced, top1, ended in [
            (1, 1e-4, 31.9, 40.0, "complete"), (2, 1e-3, 67.6, 70.0, "complete"), (3, 1e-1, 9.0, None, "pruned")
        ]
    )  # fmt: skip
    study = StudyEntry(
        parameters=(ParameterEntry(name="weight_decay", log=True),), split="val", best={"weight_decay": 1e-3},
        best_trial=2, balanced=67.6, tail=1.0, importance=None, trials=trials, storage="study.db",
    )  # fmt: skip
    figures = {key: value[0] for key, value in search_columns(study).items()}
    assert figures == {
        "tune/lowest": 31.9, "tune/highest": 67.6, "tune/lowest_top1": 40.0, "tune/highest_top1": 70.0,
        "tune/best": 1e-3, "tune/trials": 3.0,
        "tune/minutes": pytest.approx(1.5),
    }  # fmt: skip
    columns = default_columns("halves", searches=True)
    assert [column.key for column in columns if column.base == "tune"] == list(figures)
    assert (TableColumn("tune", "best").unit, TableColumn("tune", "lowest").unit) == ("raw", "percent")
