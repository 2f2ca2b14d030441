"""`decouple quickstart`: both stages and two searches on images that ship with scikit-learn, or a fit of a folder."""

import time

from rich.rule import Rule

from decouple.config.command_line import Parsed
from decouple.config.command_settings import QuickstartConfig
from decouple.fitting.answer import answer_fit
from decouple.fitting.settings import FitConfig
from decouple.reporting.output import emit, show
from decouple.reporting.result_records import runs_record
from decouple.reporting.run_figures import draw_stage1, draw_stage2
from decouple.reporting.search_figures import draw_search
from decouple.reporting.search_summary import search_summary
from decouple.reporting.stage1_summary import stage1_summary
from decouple.reporting.stage2_summary import stage2_summary
from decouple.reporting.terminal import Block
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
    """Run every step with its defaults, print the results and draw all figures; with images, fit these instead."""
    if parsed.settings.images is not None:
        images, runs, seed = parsed.settings.images, parsed.settings.runs, parsed.settings.seed
        answer_fit(FitConfig(images=images, runs=runs, seed=seed), parsed.call)
        return

    def print_step(*blocks: Block) -> None:
        show(parsed.call, *blocks)

    runs, seed, started = parsed.settings.runs, parsed.settings.seed, time.perf_counter()

    print_step(Rule("stage one: a representation, and a classifier that favours the large classes"))
    base = start_run(Stage1Config(runs=runs, seed=seed))
    print_step(*stage1_summary(base))

    print_step(Rule("stage two: other classifiers on the same features"))
    names = run_stage2(base, Stage2Config(method=ALL, seed=seed))
    print_step(*stage2_summary(base, "last", names))

    print_step(Rule("search: tau on the validation features"))
    tune_tau(base, TauConfig(seed=seed))
    print_step(*search_summary(base, "tau"))

    print_step(Rule(f"search: weight decay, {TRIALS} trials of {TRIAL_EPOCHS} epochs, then both stages with the best"))
    search = WeightDecayConfig(trials=TRIALS, epochs=TRIAL_EPOCHS, seed=seed)
    (tuned,) = tune_weight_decay(base, search)
    print_step(*search_summary(base, search.study))
    print_step(*stage2_summary(tuned, "last", run_stage2(tuned, Stage2Config(method=ALL, seed=seed))))

    for finished in (base, tuned):
        draw_stage1(finished)
        draw_stage2(finished, "last", names)
    for study in ("tau", search.study):
        draw_search(base, study)
    print_step(Rule(f"done in {time.perf_counter() - started:.0f} s"))
    pictures = "\n".join(f"  {finished.path / 'figures'}" for finished in (base, tuned))
    last = f"pictures:\n{pictures}\nnext: decouple runs; decouple stage1 --help"
    emit(parsed.call, [last], record=runs_record([base, tuned]))
