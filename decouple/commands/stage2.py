"""`decouple stage2`: re-balance the classifier of a run and compare."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from decouple.config.command_line import Parsed
from decouple.errors import ConfigError
from decouple.evaluation.selection_metrics import in_words, measured
from decouple.files.replicates import find_runs
from decouple.files.results import MethodEntry
from decouple.files.run_checks import require_finished
from decouple.files.run_dir import RunDir
from decouple.files.run_lookup import find_run
from decouple.report.run_figures import STAGE_ONE, draw_stage2, rows_of
from decouple.report.seed_table import seed_rows
from decouple.report.tables import console, results_table, rows_table
from stage2.candidates import make_method
from stage2.external_features import temporary_run
from stage2.fit_seeds import SeedMetrics, fit_replicates, fit_seeds
from stage2.methods import METHODS
from stage2.run_methods import run_stage2
from stage2.settings import ALL, Stage2Config


def run(parsed: Parsed[Stage2Config]) -> None:
    """Do it."""
    settings = parsed.settings
    if settings.method != ALL:  # a wrong name or option is said before a missing run
        _refuse_unused(settings.method, make_method(settings.method, settings), parsed.explicit)
    if settings.features is not None:
        with temporary_run(settings) as made:
            _fit([made], settings)
    elif settings.run is None:
        _fit([find_run(None, settings.runs)], settings)
    else:
        _fit(find_runs(settings.run, settings.runs), settings)


def _fit(found: list[RunDir], settings: Stage2Config) -> None:
    if len(found) > 1 or settings.seeds > 1:
        over_seeds([require_finished(run) for run in found], settings)
        return
    chosen = require_finished(found[0])
    names = run_stage2(chosen, settings)
    draw_stage2(chosen, settings.weights, names)
    show(chosen, settings.weights, names, settings.select)


def _refuse_unused(name: str, method: Any, given: frozenset[str]) -> None:
    """Refuse an option that only other methods have, rather than let the user believe that it did something."""
    hyperparameters = {each.name for kind in METHODS.values() for each in dataclasses.fields(kind)}
    unused = sorted(given & hyperparameters - {each.name for each in dataclasses.fields(method)} - {"seed"})
    if unused:
        option = "--" + unused[0].replace("_", "-")
        others = [
            other for other, kind in METHODS.items() if unused[0] in {each.name for each in dataclasses.fields(kind)}
        ]
        raise ConfigError(f"{option} has no meaning for --method {name}; it belongs to {', '.join(others)}")
    if "views" in given and not method.trained:
        raise ConfigError(f"--views has no meaning for --method {name}, which trains nothing and reads the clean view")


def over_seeds(found: list[RunDir], settings: Stage2Config) -> None:
    """Fit over several seeds, of stage one where there are runs of them, and print mean and standard deviation."""
    rows = fit_seeds(found[0], settings) if len(found) == 1 else fit_replicates(found, settings)
    fitted = found[: len(rows[next(iter(rows))])]
    for run in fitted:
        draw_stage2(run, settings.weights, list(rows))
    show_seeds(fitted, rows)


def show_seeds(found: Sequence[RunDir], rows: SeedMetrics) -> None:
    """Print mean and standard deviation of each method: over fits on one run, or over the runs of several seeds."""
    out, names = console(), ", ".join(run.name for run in found)
    of = "of fitting" if len(found) == 1 else "of both stages"
    out.print(f"stage two on the test split, %, mean ± standard deviation over seeds {of}", highlight=False)
    out.print(rows_table(seed_rows(rows), best=None))
    out.print(f"runs in {found[0].path.parent}: {names}", highlight=False, soft_wrap=True)


def show(finished: RunDir, checkpoint: str, names: list[str], measure: str = "balanced") -> None:
    """Print stage one and the methods `names` side by side, what was chosen, and where everything is.

    `measure` names the best on validation, see `decouple.evaluation.selection_metrics`.
    """
    results, out = finished.read_results(), console()
    entries = results.stage2[checkpoint]
    for split in ("test", "test_longtailed"):
        if split not in entries[names[0]].metrics:
            continue
        rows = {
            name: row for name, row in rows_of(results, checkpoint, split).items() if name == STAGE_ONE or name in names
        }
        title = f"{finished.name} ({checkpoint} weights) on the {split.replace('_', ' ')} split, %"
        out.print(results_table(rows, title=title))
    for line in [*_selections(entries, names), *_best_on_validation(entries, names, measure)]:
        out.print(line, highlight=False, soft_wrap=True)
    out.print(
        f"run: {finished.path}\nfigures: {finished.figure('any', checkpoint).parent}", highlight=False, soft_wrap=True
    )


def _selections(entries: Mapping[str, MethodEntry], names: list[str]) -> list[str]:
    lines = []
    for name in names:
        selection = entries[name].selection
        parts = [
            f"{hyperparameter} {value:.4g}" if isinstance(value, int | float) else f"{hyperparameter} {value}"
            for hyperparameter, value in selection.values.items()
        ]
        parts += [f"by {selection.by}"] if selection.by else []
        parts += [selection.note] if selection.note else []
        if parts:
            lines.append(f"{name}: {', '.join(parts)}")
    return lines


def _best_on_validation(entries: Mapping[str, MethodEntry], names: list[str], measure: str) -> list[str]:
    """Name the method to take: by validation, because the test split is for the report alone."""
    found = {name: measured(entries[name].metrics["val"], measure) for name in names if "val" in entries[name].metrics}
    scores = {name: round(score, 9) for name, score in found.items() if score is not None}
    if len(scores) < 2:
        return []
    best = max(scores, key=lambda name: scores[name])
    others = ", ".join(f"{name} {value:.2f}" for name, value in scores.items() if name != best)
    return [f"best by {in_words(measure)} on validation: {best} {scores[best]:.2f} % ({others})"]
