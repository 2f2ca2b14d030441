"""Columns of the class groups that the option `--groups` names, in place of the usual ones."""

from collections.abc import Mapping, Sequence

from numpy.typing import ArrayLike

from decouple.evaluation.group_metrics import metrics_by_group
from decouple.evaluation.metrics import Metrics
from decouple.group_schemes import group_names, read_group_scheme
from decouple.reporting.columns import ALL, BALANCED, ECE, MACRO_F1, MANY_MEDIUM_FEW, RESULT_COLUMNS, Column, ResultRow

CHOSEN = "chosen"  # key of the scheme in the groups of a row


def chosen_group_columns(groups: str) -> tuple[Column, ...]:
    """Return a column for each group of a scheme.

    Example:
        >>> [column.heading for column in chosen_group_columns("3,4,3")]
        ['head', 'middle', 'tail']
    """
    return tuple(Column(name, ("groups", CHOSEN, name)) for name in group_names(read_group_scheme(groups)))


def result_columns(groups: str | None) -> tuple[Column, ...]:
    """Return the columns of a results table; `groups` None stands for many, medium, few and head, middle, tail."""
    return RESULT_COLUMNS if groups is None else (ALL, BALANCED, *chosen_group_columns(groups), MACRO_F1, ECE)


def comparison_columns(groups: str | None) -> tuple[Column, ...]:
    """Return the columns of a comparison; `groups` None stands for many, medium, few."""
    return (ALL, BALANCED, *(MANY_MEDIUM_FEW if groups is None else chosen_group_columns(groups)))


def with_chosen_groups(metrics: Metrics, class_counts: ArrayLike, groups: str | None) -> ResultRow:
    """Return metrics with the mean recall of each group of the scheme and its interval, for those columns.

    Args:
        metrics: of a split.
        class_counts: training images per class, shape (C,).
        groups: the scheme as the command line writes it; None adds nothing.

    Raises:
        DataError: the run was evaluated by a version that did not store the totals of the classes.
        ConfigError: the scheme does not fit the classes.
    """
    if groups is None:
        return dict(metrics)
    by_group = metrics_by_group(metrics, class_counts, read_group_scheme(groups))
    recalls = {name: row["recall"] for name, row in by_group.items()}
    intervals = {name: row["recall_interval"] for name, row in by_group.items()}
    return {
        **metrics,
        "groups": {**metrics["groups"], CHOSEN: recalls},
        "intervals": {**metrics["intervals"], CHOSEN: intervals},
    }


def rows_with_chosen_groups(
    rows: Mapping[str, Metrics], class_counts: Sequence[int], groups: str | None
) -> dict[str, ResultRow]:
    """Return the rows of a results table, see `with_chosen_groups`."""
    return {name: with_chosen_groups(metrics, class_counts, groups) for name, metrics in rows.items()}
