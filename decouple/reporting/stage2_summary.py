"""The test metrics of stage-two methods beside stage one, of a run or over several seeds."""

from collections.abc import Mapping, Sequence

from decouple.evaluation.metrics import Metrics
from decouple.evaluation.selection_metrics import describe_selection_metric, selection_metric_value
from decouple.files.results import MethodEntry, SelectionEntry
from decouple.files.run_dir import RunDir
from decouple.reporting.chosen_groups import (
    comparison_columns,
    result_columns,
    rows_with_chosen_groups,
    with_chosen_groups,
)
from decouple.reporting.chosen_method import STAGE_ONE
from decouple.reporting.recommendation import recommendation_sentence
from decouple.reporting.run_figures import rows_of
from decouple.reporting.seed_table import seed_rows
from decouple.reporting.tables import results_table, rows_table
from decouple.reporting.terminal import Block


def stage2_summary(
    run: RunDir,
    checkpoint: str,
    names: Sequence[str],
    selection_metric: str = "balanced",
    groups: str | None = None,
) -> list[Block]:
    """Return stage one and the methods `names` side by side, their selected values, the recommendation, and the paths.

    Args:
        run: the run.
        checkpoint: its stage-one weights, last or best.
        names: entries of stage two.
        selection_metric: ranks the methods on validation, see `decouple.evaluation.selection_metrics`.
        groups: scheme of the class groups in the tables, see `decouple.group_schemes`; None: the usual columns.
    """
    results = run.read_results()
    entries = results.stage2[checkpoint]
    blocks: list[Block] = []
    for split in ("test", "test_longtailed"):
        if split in entries[names[0]].metrics:
            rows = rows_of(results, checkpoint, split)
            rows = {name: row for name, row in rows.items() if name == STAGE_ONE or name in names}
            shown_rows = rows_with_chosen_groups(rows, run.read_data().group_counts, groups)
            title = f"{run.name} ({checkpoint} weights) on the {split.replace('_', ' ')} split, %"
            blocks.append(results_table(shown_rows, title=title, columns=result_columns(groups)))
    blocks += [*_selections(entries, names), *_best_on_validation(entries, names, selection_metric)]
    if results.recommended is not None and results.recommended.checkpoint == checkpoint:
        blocks.append(recommendation_sentence(results.recommended))
    return [*blocks, f"run: {run.path}\nfigures: {run.figure('any', checkpoint).parent}"]


def stage2_seeds_summary(
    runs: Sequence[RunDir], rows: Mapping[str, Sequence[Metrics]], groups: str | None = None
) -> list[Block]:
    """Return mean and standard deviation of each method over fits on one run, or over the runs of several seeds."""
    counts = runs[0].read_data().group_counts
    shown_rows = {name: [with_chosen_groups(row, counts, groups) for row in seeds] for name, seeds in rows.items()}
    source = "of fitting" if len(runs) == 1 else "of both stages"
    return [
        f"stage two on the test split, %, mean ± standard deviation over seeds {source}",
        rows_table(seed_rows(shown_rows, comparison_columns(groups)), best=None),
        f"runs in {runs[0].path.parent}: {', '.join(run.name for run in runs)}",
    ]


def _selections(entries: Mapping[str, MethodEntry], names: Sequence[str]) -> list[str]:
    """Return how the hyper-parameters of methods were selected: a line for the methods of which the same is said."""
    methods: dict[str, list[str]] = {}
    for name in names:
        if text := _selection_in_words(entries[name].selection):
            methods.setdefault(text, []).append(name)
    return [f"{', '.join(same)}: {text}" for text, same in methods.items()]


def _selection_in_words(selection: SelectionEntry) -> str:
    parts = [
        f"{hyperparameter} {value:.4g}" if isinstance(value, int | float) else f"{hyperparameter} {value}"
        for hyperparameter, value in selection.values.items()
    ]
    parts += [f"by {selection.by}"] if selection.by else []
    parts += [selection.note] if selection.note else []
    return ", ".join(parts)


def _best_on_validation(entries: Mapping[str, MethodEntry], names: Sequence[str], metric: str) -> list[str]:
    """Return the line that names the best method on validation; the test split is for the report alone."""
    values = {
        name: selection_metric_value(entries[name].metrics["val"], metric)
        for name in names
        if "val" in entries[name].metrics
    }
    scores = {name: round(score, 9) for name, score in values.items() if score is not None}
    if len(scores) < 2:
        return []
    best = max(scores, key=lambda name: scores[name])
    others = ", ".join(f"{name} {value:.2f}" for name, value in scores.items() if name != best)
    return [f"best by {describe_selection_metric(metric)} on validation: {best} {scores[best]:.2f} % ({others})"]
