"""`decouple quickstart`: the whole way on images that ship with scikit-learn."""

import time

from decouple.commands import stage1, stage2
from decouple.commands.search_report import show_search
from decouple.config.command_line import Parsed
from decouple.config.command_settings import QuickstartConfig
from decouple.report.run_figures import draw_stage1, draw_stage2
from decouple.report.search_figures import draw_search
from decouple.report.tables import console
from stage1.run import start_run
from stage1.settings import Stage1Config
from stage2.run_methods import run_stage2
from stage2.settings import ALL, Stage2Config
from tuning.settings import TauConfig, WeightDecayConfig
from tuning.tau import tune_tau
from tuning.weight_decay import tune_weight_decay

TRIALS = 6
TRIAL_EPOCHS = 10


def run(parsed: Parsed[QuickstartConfig]) -> None:
    """Do it."""
    runs, seed, started, out = parsed.settings.runs, parsed.settings.seed, time.perf_counter(), console()

    out.rule("stage one: a representation, and a classifier that favours the large classes")
    base = start_run(Stage1Config(runs=runs, seed=seed))
    stage1.show(base)

    out.rule("stage two: other classifiers on the same features")
    names = run_stage2(base, Stage2Config(method=ALL, seed=seed))
    stage2.show(base, "last", names)

    out.rule("search: tau on the validation features")
    tune_tau(base, TauConfig(seed=seed))
    show_search(base, "tau")

    out.rule(f"search: weight decay, {TRIALS} trials of {TRIAL_EPOCHS} epochs, then stage one and two with the best")
    search = WeightDecayConfig(trials=TRIALS, epochs=TRIAL_EPOCHS, seed=seed)
    (tuned,) = tune_weight_decay(base, search)
    show_search(base, search.study)
    stage2.show(tuned, "last", run_stage2(tuned, Stage2Config(method=ALL, seed=seed)))

    for each in (base, tuned):
        draw_stage1(each)
        draw_stage2(each, "last", names)
    for study in ("tau", search.study):
        draw_search(base, study)
    out.rule(f"done in {time.perf_counter() - started:.0f} s")
    pictures = "\n".join(f"  {each.path / 'figures'}" for each in (base, tuned))
    out.print(f"pictures:\n{pictures}\nnext: decouple runs; decouple stage1 --help", highlight=False, soft_wrap=True)
