"""`decouple quickstart`: both stages and two searches on images that ship with scikit-learn."""

import time

from rich.rule import Rule

from decouple.config.command_line import Parsed
from decouple.config.command_settings import QuickstartConfig
from decouple.report.run_figures import draw_stage1, draw_stage2
from decouple.report.search_figures import draw_search
from decouple.report.search_summary import search_summary
from decouple.report.stage1_summary import stage1_summary
from decouple.report.stage2_summary import stage2_summary
from decouple.report.terminal import Block, render
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
    """Run every step with its defaults, print the results and draw all figures."""
    runs, seed, started = parsed.settings.runs, parsed.settings.seed, time.perf_counter()

    _print(Rule("stage one: a representation, and a classifier that favours the large classes"))
    base = start_run(Stage1Config(runs=runs, seed=seed))
    _print(*stage1_summary(base))

    _print(Rule("stage two: other classifiers on the same features"))
    names = run_stage2(base, Stage2Config(method=ALL, seed=seed))
    _print(*stage2_summary(base, "last", names))

    _print(Rule("search: tau on the validation features"))
    tune_tau(base, TauConfig(seed=seed))
    _print(*search_summary(base, "tau"))

    _print(Rule(f"search: weight decay, {TRIALS} trials of {TRIAL_EPOCHS} epochs, then both stages with the best"))
    search = WeightDecayConfig(trials=TRIALS, epochs=TRIAL_EPOCHS, seed=seed)
    (tuned,) = tune_weight_decay(base, search)
    _print(*search_summary(base, search.study))
    _print(*stage2_summary(tuned, "last", run_stage2(tuned, Stage2Config(method=ALL, seed=seed))))

    for finished in (base, tuned):
        draw_stage1(finished)
        draw_stage2(finished, "last", names)
    for study in ("tau", search.study):
        draw_search(base, study)
    _print(Rule(f"done in {time.perf_counter() - started:.0f} s"))
    pictures = "\n".join(f"  {finished.path / 'figures'}" for finished in (base, tuned))
    _print(f"pictures:\n{pictures}\nnext: decouple runs; decouple stage1 --help")


def _print(*blocks: Block) -> None:
    print(render(*blocks), end="", flush=True)
