"""`decouple tune weight-decay`."""

from decouple.commands import stage1, stage2
from decouple.commands.search_report import show_search
from decouple.config import Parsed
from decouple.report.run_figures import draw_stage1, draw_stage2
from decouple.report.search_figures import draw_search
from decouple.run_dir import RunDir, find_run, require_finished
from stage2.run import run_stage2
from stage2.settings import Stage2Config
from tuning.settings import TrainingSearchConfig, WeightDecayConfig
from tuning.training import base_of
from tuning.weight_decay import tune_weight_decay


def run(parsed: Parsed[WeightDecayConfig]) -> None:
    """Do it."""
    settings = parsed.settings
    chosen = tuned_run(settings)
    retrained = tune_weight_decay(chosen, settings)
    draw_search(chosen, settings.study)
    show_search(chosen, settings.study)
    if retrained is not None:
        finish(retrained, settings, tau=None)


def tuned_run(settings: TrainingSearchConfig) -> RunDir:
    """Return the run to tune; the latest may be the one that an earlier call trained."""
    chosen = find_run(settings.run, settings.runs)
    return require_finished(base_of(chosen) if settings.run is None else chosen)


def finish(retrained: RunDir, settings: TrainingSearchConfig, *, tau: float | None) -> None:
    """Run stage two on the run that was trained with the best values, and show both stages.

    `tau` is that of the best trial; it is used where the run has no validation split to choose it on.
    """
    draw_stage1(retrained)
    stage1.show(retrained)
    has_validation = "val" in retrained.read_results()["stage1"]["last"]
    config = Stage2Config(method=settings.stage2, tau=None if has_validation else tau, device=settings.device)
    names = run_stage2(retrained, config)
    draw_stage2(retrained, "last", names)
    stage2.show(retrained, "last", names)
