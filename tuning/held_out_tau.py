"""tau for a run that is trained on all images: chosen on a share of them that a companion run has not seen."""

import dataclasses
from dataclasses import dataclass

from decouple.errors import ConfigError
from decouple.evaluation.selection_metrics import describe_selection_metric
from decouple.files.results import MethodEntry, record_method
from decouple.files.run_dir import RunDir
from stage1.complete_run import complete_run
from stage1.settings import Stage1Config
from stage2.run_methods import run_stage2
from stage2.settings import Stage2Config
from tuning.companion_run import held_out_source

SHARE = 0.2  # of the training images that is held out


@dataclass(frozen=True)
class ChosenTau:
    """A tau that was chosen elsewhere than on the run it is applied to."""

    value: float
    source: str  # where, in words


def own_tau(run: RunDir, config: Stage2Config, entry_name: str) -> ChosenTau:
    """Return the tau that is best on the validation images of a run."""
    _choose(run, config, entry_name)
    source = f"{describe_selection_metric(config.select)} on the validation split of {run.name}"
    return ChosenTau(tau_of(run, config.weights, entry_name), source)


def held_out_tau(companion: Stage1Config, config: Stage2Config, entry_name: str) -> ChosenTau:
    """Train the companion, unless that was done, and return the tau that is best on its validation images.

    Args:
        companion: settings of the run that gets the tau, with a `val_fraction` above 0 and a name of its own.
        config: the method that has the tau, and its options.
        entry_name: of the result of stage two in the companion.

    Raises:
        DecoupleError: see `complete_run` and `run_stage2`.
        InterruptedRunError: Ctrl-C came; the state is saved.
    """
    run = complete_run(companion)
    _choose(run, config, entry_name)
    source = held_out_source(config.select, run, companion.val_fraction)
    return ChosenTau(tau_of(run, config.weights, entry_name), source)


def _choose(run: RunDir, config: Stage2Config, entry_name: str) -> None:
    """Fit the method with the best tau on the validation images, unless that was done."""
    if entry_name not in run.read_stage2(config.weights):
        run_stage2(run, dataclasses.replace(config, tau=None, folds=0, run=None), entry_name)


def tau_of(run: RunDir, weights: str, entry_name: str) -> float:
    """Return the tau of a stage-two result.

    Raises:
        ConfigError: it has none.
    """
    entry = run.read_stage2(weights)[entry_name]
    value = entry.selection.values.get("tau", entry.settings.get("tau"))
    if not isinstance(value, int | float):
        raise ConfigError(f"{entry.method} has no tau, so {run.name}/{entry_name} cannot give one to another run")
    return float(value)


def record_source(run: RunDir, weights: str, entry_name: str, tau: ChosenTau) -> None:
    """Say in a stage-two result where its tau was chosen."""
    with run.lock():
        entry: MethodEntry = run.read_stage2(weights)[entry_name]
        selection = dataclasses.replace(entry.selection, values={"tau": tau.value}, by=tau.source)
        record_method(run.results, weights, entry_name, dataclasses.replace(entry, selection=selection))
