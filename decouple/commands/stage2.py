"""`decouple stage2`: fit stage-two methods on the cached features of runs, draw and print the comparison."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from decouple.config.call_options import CallOptions
from decouple.config.command_line import Parsed
from decouple.errors import ConfigError
from decouple.files.replicates import find_runs
from decouple.files.run_checks import require_finished
from decouple.files.run_dir import RunDir
from decouple.files.run_lookup import find_run
from decouple.reporting.output import emit
from decouple.reporting.result_records import run_rows, runs_record
from decouple.reporting.run_figures import draw_stage2
from decouple.reporting.stage2_summary import stage2_seeds_summary, stage2_summary
from stage2.candidates import make_method
from stage2.external_features import temporary_run
from stage2.fit_seeds import fit_over_seeds
from stage2.methods import METHODS
from stage2.run_methods import run_stage2
from stage2.settings import ALL, Stage2Config


def run(parsed: Parsed[Stage2Config]) -> None:
    """Fit on the run that the settings name, on the runs of several seeds, or on features of files."""
    settings = parsed.settings
    if settings.method != ALL:  # a wrong name or option is reported before a missing run
        _refuse_unused(settings.method, make_method(settings.method, settings), parsed.explicit)
    if settings.features is not None:
        with temporary_run(settings) as features_run:
            _fit([features_run], settings, parsed.call)
    elif settings.run is None:
        _fit([find_run(None, settings.runs)], settings, parsed.call)
    else:
        _fit(find_runs(settings.run, settings.runs), settings, parsed.call)


def _fit(runs: Sequence[RunDir], settings: Stage2Config, call: CallOptions) -> None:
    runs = [require_finished(run) for run in runs]
    if len(runs) > 1 or settings.seeds > 1:
        fitted, rows = fit_over_seeds(runs, settings)
        names, summary = list(rows), stage2_seeds_summary(fitted, rows, settings.groups)
    else:
        fitted, names = runs, run_stage2(runs[0], settings)
        summary = stage2_summary(runs[0], settings.weights, names, settings.select, settings.groups)
    for run in fitted:
        draw_stage2(run, settings.weights, names, every_method=settings.figures == "all")
    record = runs_record(fitted, settings.weights, names)
    emit(call, summary, record=record, rows=run_rows(record.runs))


def _refuse_unused(name: str, method: Any, given: frozenset[str]) -> None:
    """Refuse an option that only other methods have, rather than let the user believe that it did something."""
    options = {other: {field.name for field in dataclasses.fields(cls)} for other, cls in METHODS.items()}
    unused = sorted(given & set().union(*options.values()) - options[name] - {"seed"})
    if unused:
        others = ", ".join(other for other, names in options.items() if unused[0] in names)
        raise ConfigError(f"`{unused[0]}` has no meaning for --method {name}; it belongs to {others}")
    if "views" in given and not method.trained:
        raise ConfigError(f"--views has no meaning for --method {name}, which trains nothing and reads the clean view")
