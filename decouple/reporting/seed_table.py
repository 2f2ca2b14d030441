"""Metrics over several seeds: mean and sample standard deviation, as cells of a table."""

from collections.abc import Mapping, Sequence

from decouple.evaluation.statistics import mean_and_std
from decouple.reporting.columns import ALL, BALANCED, MANY_MEDIUM_FEW, Column, ResultRow, shown, value_of

SEED_COLUMNS = (ALL, BALANCED, *MANY_MEDIUM_FEW)


def mean_std_text(values: Sequence[float | None]) -> str:
    """Return "70.12 ± 0.34"; of a single value the mean alone, and "-" where a value is missing."""
    known = [value for value in values if value is not None]
    if not known or len(known) < len(values):
        return "-"
    mean, std = mean_and_std(known)
    return shown(mean) if std is None else f"{mean:.2f} ± {std:.2f}"


def seed_rows(
    rows: Mapping[str, Sequence[ResultRow]], columns: Sequence[Column] = SEED_COLUMNS
) -> list[dict[str, object]]:
    """Return a row for each classifier: name, number of seeds, and mean ± standard deviation of each column.

    Args:
        rows: classifier to its metrics on one split, one for each seed.
        columns: the metrics of the table.
    """
    return [
        {
            "method": name,
            "seeds": len(metrics),
            **{column.heading: mean_std_text([value_of(row, column) for row in metrics]) for column in columns},
        }
        for name, metrics in rows.items()
    ]
